import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// The steps of a delivery by plain forms; scripts send the same steps to the API, with their own times.
enum StepForms {
  /// Why a delivery fails; the English sentence is what the restaurant and the platform read.
  struct Reason {
    let key: String
    let english: String
  }

  static let reasonsBefore = [
    Reason(key: "closed", english: "The restaurant is closed"), Reason(key: "slow", english: "The food takes too long"),
    Reason(key: "vehicle", english: "My vehicle broke down"), Reason(key: "far", english: "I cannot get there"),
    Reason(key: "other", english: "Another reason")
  ]
  static let reasonsAfter = [
    Reason(key: "nobody", english: "Nobody at the door"), Reason(key: "address", english: "The address is wrong"),
    Reason(key: "refused", english: "The customer does not take it"), Reason(key: "spoiled", english: "The food was spoiled on the way"),
    Reason(key: "accident", english: "An accident or a breakdown"), Reason(key: "other", english: "Another reason")
  ]

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
