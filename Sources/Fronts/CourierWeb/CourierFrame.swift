import DeliveryAPI
import Foundation
import Kernel
import Pages
import ServiceKit
import WebServer

/// What every page of a courier shows around its content.
enum CourierFrame {
  /// The tabs of the app.
  enum Tab: String { case work, earnings, deliveries, profile }

  /// The caller's profile; nothing where none was made yet.
  static func partner(_ request: PageRequest) async throws -> Partner? {
    do { return try await request.call(GetPartner()) } catch .refused(.partnerUnknown) { return nil }
  }

  static func fields(_ partner: Partner, _ tab: Tab, _ request: PageRequest) -> [String: Any] {
    let state = partner.status == .busy ? "busy" : partner.isOnline ? "online" : "offline"
    return [
      "partner": partner.id.description, "isOnline": partner.isOnline, "isBusy": partner.status == .busy, "shift": state,
      "shiftWord": request.texts["courier.state.\(state)"], "at_\(tab.rawValue)": true
    ]
  }

  /// The zone of the courier's days: what the page was asked for, what the device told before, else UTC.
  static func zone(_ request: PageRequest) -> Zone {
    [request.query["timeZone"], request.cookie("tiffin_zone")].lazy.compactMap { $0.flatMap(Zone.named) }.first ?? .utc
  }

  /// The end of the id, which courier and kitchen can say to each other.
  static func number(_ order: Identifier<some Any>) -> String { String(order.description.suffix(6)).uppercased() }

  /// Coordinates as links and scripts take them.
  static func point(_ point: GeoPoint) -> [String: Any] { ["latitude": "\(point.latitude)", "longitude": "\(point.longitude)"] }
}
