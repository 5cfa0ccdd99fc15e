import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// The steps of a delivery by plain forms; scripts send the same steps to the API, with their own times.
enum StepForms {
  /// Why a courier gives a delivery back before the food is theirs.
  static let reasonsBefore = ["restaurant_closed", "food_late", "vehicle_broken", "too_far", "other"]
  /// Why food that is on its way does not arrive.
  static let reasonsAfter = ["customer_unreachable", "address_wrong", "customer_refused", "food_spoiled", "accident", "other"]

  static func move(_ request: PageRequest) async throws -> WebResponse {
    let id = try request.id("deliveryId", DeliveryID.self)
    guard let status = request.form["status"].flatMap(DeliveryStatus.init(rawValue:)) else {
      throw Problem(400, "invalid_input", "There is no such step.")
    }
    do {
      let moved = try await request.call(
        UpdateDeliveryStatus(deliveryId: id, status: status, handOverCode: code(request), reason: reason(request)))
      return request.redirect(to: DeliveryStatus.ended.contains(moved.status) ? "/courier?done=\(id)" : "/courier")
    } catch {
      switch error {
      case .refused(.deliveryUnknown), .refused(.orderCancelled): return request.redirect(to: "/courier?done=\(id)")
      default:
        let names = status == .delivered ? ["handOverCode"] : status == .failed ? ["reason", "details"] : []
        return try await WorkPage.page(request, refused: .init(names: names, problem: error.problem))
      }
    }
  }

  /// The digits alone: people type spaces between them.
  private static func code(_ request: PageRequest) -> String? {
    request.form["handOverCode"].map { $0.filter { !$0.isWhitespace } }
  }

  /// The chosen reason, with what was written to it.
  private static func reason(_ request: PageRequest) -> String? {
    guard let reason = request.form["reason"] else { return nil }
    return request.form["details"].map { "\(reason): \($0)" } ?? reason
  }
}
