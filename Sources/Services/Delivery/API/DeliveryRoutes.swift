public import ServiceKit

/// Every URL of Delivery.
public let deliveryRoutes: [Route] = [
  // The partner's own profile and place.
  Route(.post, "/api/delivery-partner", RegisterPartner.self, success: 201),
  Route(.get, "/api/delivery-partner", GetPartner.self),
  Route(.patch, "/api/delivery-partner", UpdatePartner.self),
  Route(.put, "/api/delivery-partner", UpdatePartner.self),
  Route(.post, "/v1/partner/profile", RegisterPartner.self, success: 201),
  Route(.get, "/v1/partner/profile", GetPartner.self),
  Route(.patch, "/v1/partner/profile", UpdatePartner.self),
  // A device on the road sends every few seconds, and each costs next to nothing.
  Route(.post, "/api/delivery-partner/location", RecordPositions.self, limit: .none),
  Route(.post, "/v1/partner/location", RecordPositions.self, limit: .none),
  Route(.put, "/api/deliveries/:deliveryId/location", RecordPositions.self, limit: .none),

  // Offers.
  Route(.get, "/v1/partner/offers", ListOffers.self),
  Route(.post, "/v1/partner/offers/:offerId/accept", AcceptOffer.self),
  Route(.post, "/v1/partner/offers/:offerId/decline", DeclineOffer.self),

  // Deliveries and their steps.
  Route(.get, "/api/deliveries", ListDeliveries.self),
  Route(.get, "/v1/deliveries", ListDeliveries.self),
  Route(.get, "/api/deliveries/:deliveryId", GetDelivery.self),
  Route(.get, "/v1/deliveries/:deliveryId", GetDelivery.self),
  Route(.put, "/api/deliveries/:deliveryId/status", UpdateDeliveryStatus.self, headers: ["if-match": "version"]),
  Route(.patch, "/api/deliveries/:deliveryId/status", UpdateDeliveryStatus.self, headers: ["if-match": "version"]),
  Route(.put, "/v1/deliveries/:deliveryId/status", UpdateDeliveryStatus.self, headers: ["if-match": "version"]),
  Route(.patch, "/v1/deliveries/:deliveryId/status", UpdateDeliveryStatus.self, headers: ["if-match": "version"]),
  Route(.post, "/api/deliveries/:deliveryId/rating", RateDelivery.self),
  Route(.get, "/v1/earnings", ListEarnings.self),

  // By hand.
  Route(.get, "/api/admin/dispatch/unassigned", ListUnassigned.self),
  Route(.get, "/api/admin/dispatch/partners", ListPartners.self),
  Route(.post, "/api/orders/:orderId/assign-delivery", AssignDelivery.self),

  // To look at.
  Route(.get, "/api/tracking/:orderId", GetTracking.self),
  Route(.get, "/v1/tracking/:orderId", GetTracking.self),
  Route(.get, "/api/city", GetCity.self, limit: .none)
]
