import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// Going online and offline, and telling a position, by plain forms.
enum ShiftForms {
  static func change(_ request: PageRequest) async throws -> WebResponse {
    let status: PartnerStatus = request.form["status"] == "available" ? .available : .offline
    do { _ = try await request.call(UpdatePartner(status: status)) } catch .refused(.partnerUnknown) { return request.redirect(to: "/courier") }
    return request.redirect(to: "/courier")
  }

  /// For browsers without scripts, which cannot tell by themselves where they are.
  static func tellPosition(_ request: PageRequest) async throws -> WebResponse {
    do {
      _ = try await request.call(RecordPositions(latitude: request.form.number("latitude"), longitude: request.form.number("longitude")))
      return request.redirect(to: "/courier")
    } catch {
      return try await WorkPage.page(request, refused: .init(names: ["latitude", "longitude"], problem: error.problem))
    }
  }
}
