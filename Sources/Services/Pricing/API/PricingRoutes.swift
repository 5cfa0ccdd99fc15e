public import ServiceKit

/// Every URL of pricing.
public let pricingRoutes: [Route] = ["/api", "/v1"].flatMap { prefix in
  [
    Route(.post, "\(prefix)/pricing/preview", PreviewPrice.self),
    Route(.get, "\(prefix)/pricing/delivery-fees", QuoteDeliveryFees.self),
    Route(.post, "\(prefix)/pricing/delivery-fees", QuoteDeliveryFees.self)
  ]
}
