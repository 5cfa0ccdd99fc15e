public import ServiceKit

/// Every URL of pricing.
public let pricingRoutes: [Route] = [
  Route(.post, "/api/pricing/preview", PreviewPrice.self),
  Route(.post, "/v1/pricing/preview", PreviewPrice.self)
]
