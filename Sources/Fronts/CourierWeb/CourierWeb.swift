public import Pages
import ServiceKit
import WebServer

/// The couriers' app: going online, offers, the delivery on the road step by step, and what it earned.
public struct CourierWeb: Front {
  public static let name = "courier"
  public static let home = "/courier"

  public init() {}

  /// Every URL of the app.
  public var pages: [PageRoute] {
    [
      // What is to be done now: the switch, an offer, or the running delivery.
      page(.get, "/courier", WorkPage.show),
      page(.post, "/courier/shift", ShiftForms.change),
      page(.post, "/courier/position", ShiftForms.tellPosition),
      page(.post, "/courier/offers/:offerId/accept", OfferForms.accept),
      page(.post, "/courier/offers/:offerId/decline", OfferForms.decline),
      page(.post, "/courier/deliveries/:deliveryId/status", StepForms.move),
      // What was, and what it brought.
      page(.get, "/courier/deliveries", DeliveriesPage.show),
      page(.get, "/courier/earnings", EarningsPage.show),
      // Who brings it, and with what.
      page(.get, "/courier/profile", ProfilePage.show),
      page(.post, "/courier/profile", ProfilePage.save)
    ]
  }

  private func page(
    _ method: Method, _ path: String, _ handler: @escaping @Sendable (PageRequest) async throws -> WebResponse
  ) -> PageRoute {
    PageRoute(method, path, access: .roles([.deliveryPartner]), handler)
  }
}
