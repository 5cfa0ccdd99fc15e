public import ServiceKit

private let ifMatch = ["if-match": "version"]
private let idempotencyKey = ["idempotency-key": "idempotencyKey"]

/// Every URL of Ordering: `/api` is canonical, `/v1` serves the customer's and the restaurant's apps.
public let orderingRoutes: [Route] =
  ["/api", "/v1"].flatMap { prefix in
    [
      Route(.post, "\(prefix)/orders", PlaceOrder.self, headers: idempotencyKey, success: 201, limit: .orders),
      Route(.get, "\(prefix)/orders", ListOrders.self),
      Route(.get, "\(prefix)/orders/:orderId", GetOrder.self),
      Route(.post, "\(prefix)/orders/:orderId/cancel", CancelOrder.self, headers: ifMatch),
      Route(.post, "\(prefix)/orders/:orderId/rating", RateOrder.self),
      Route(.patch, "\(prefix)/orders/:orderId/status", UpdateOrderStatus.self, headers: ifMatch),
      Route(.put, "\(prefix)/orders/:orderId/status", UpdateOrderStatus.self, headers: ifMatch),
      Route(.get, "\(prefix)/restaurants/:restaurantId/day", GetRestaurantDay.self),
      Route(.get, "\(prefix)/cart", GetCart.self),
      Route(.delete, "\(prefix)/cart", ClearCart.self),
      Route(.post, "\(prefix)/cart/items", AddCartItem.self, success: 201),
      Route(.patch, "\(prefix)/cart/items/:lineId", ChangeCartItem.self),
      Route(.delete, "\(prefix)/cart/items/:lineId", RemoveCartItem.self)
    ]
  } + [
    Route(.get, "/v1/restaurant/orders", ListOrders.self),
    Route(.get, "/v1/restaurant/orders/:orderId", GetOrder.self),
    Route(.patch, "/v1/restaurant/orders/:orderId/status", UpdateOrderStatus.self, headers: ifMatch),
    Route(.put, "/v1/restaurant/orders/:orderId/status", UpdateOrderStatus.self, headers: ifMatch),
    Route(.post, "/v1/restaurant/orders/:orderId/cancel", CancelOrder.self, headers: ifMatch)
  ]
