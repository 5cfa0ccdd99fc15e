import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer
import Wire

/// One order: where it is, what it cost, how it was.
struct OrderPage: Sendable {
  let request: PageRequest

  func answer() async throws -> WebResponse { try await answer(problem: nil) }

  /// - Parameter problem: why what was asked of the order was not done.
  private func answer(problem: Problem?) async throws -> WebResponse {
    let id = try request.id("orderId", OrderID.self)
    async let asked = request.call(GetOrder(orderId: id))
    // Delivery hears of an order a moment after it was placed.
    async let followed = try? request.call(GetTracking(orderId: id))
    async let basket = request.wantsPart ? .empty : request.basketIfReached()
    let order = try await asked
    let restaurant = try? await request.call(GetRestaurant(restaurantId: order.restaurantId)).value()
    let words = OrderWords(request: request, order: order, zone: restaurant?.timeZone ?? "UTC")
    var fields = live(order, await followed, words)
    fields.merge(receipt(order, words)) { $1 }
    fields.merge(rating(order, await followed, problem)) { $1 }
    fields["phone"] = restaurant?.phone
    fields["problem"] = problem.map { request.sentence(of: $0.faults.first, in: $0) }
    if request.wantsPart { return try request.page("customer/order-parts", status: problem?.status ?? 200, view(fields)) }
    return try request.framed("customer/order", status: problem?.status ?? 200, tab: .orders, basket: await basket, fields)
  }

  private func live(_ order: Order, _ tracking: Tracking?, _ words: OrderWords) -> [String: Any?] {
    func place(_ point: GeoPoint?) -> String? { point.map { "\($0.latitude),\($0.longitude)" } }
    return [
      "orderId": order.id.description, "version": "\(order.version)", "status": order.status.rawValue, "statusName": words.statusName,
      "headline": words.headline, "arrival": words.arrival(tracking), "steps": words.steps, "courier": words.courier(tracking),
      "reason": words.reason,
      "refund": order.refund.map { request.texts("customer.order.refund", ["amount": request.formats.money($0, order.currency)]) },
      "isRefunded": order.refund != nil && order.payment.method == .card,
      "code": order.hasEnded ? nil : tracking?.handOverCode, "cancelling": words.cancelling, "isRunning": !order.hasEnded,
      "isDelivery": order.fulfilment == .delivery, "isPickup": order.fulfilment == .pickup,
      "restaurantPlace": place(order.restaurantPoint), "homePlace": place(order.deliveryAddress?.point), "name": order.restaurantName,
      "restaurantAddress": order.restaurantAddress, "restaurantHref": "/restaurants/\(order.restaurantId)", "zone": words.zone,
      "wanted": order.wantedAt.map { request.texts("customer.order.wanted", ["time": request.formats.dayAndTime($0, in: words.zone)]) }
    ]
  }

  private func receipt(_ order: Order, _ words: OrderWords) -> [String: Any?] {
    [
      "placed": request.formats.dayAndTime(order.placedAt, in: words.zone), "number": String(order.id.description.suffix(6)).uppercased(),
      "lines": order.items.map { item in
        view([
          "quantity": request.formats.number(item.quantity), "lineName": item.name, "lineOptions": item.options.map(\.name).joined(separator: ", "),
          "notes": item.specialInstructions,
          "lineTotal": Money(item.unitPrice, order.currency).map { request.formats.money(($0 * item.quantity).amount, order.currency) }
        ])
      },
      "price": PriceRows(formats: request.formats, texts: request.texts).fields(
        PriceRows.Amounts(
          currency: order.currency, subtotal: order.subtotal, deliveryFee: order.fulfilment == .delivery ? order.deliveryFee : nil,
          discount: order.discount, taxLines: order.taxLines, tip: order.tip, total: order.total)),
      "payment": words.payment, "address": order.deliveryAddress?.text, "courierNote": order.deliveryAddress?.instructions,
      "kitchenNote": order.specialInstructions, "hasEnded": order.hasEnded
    ]
  }

  private func rating(_ order: Order, _ tracking: Tracking?, _ problem: Problem?) -> [String: Any?] {
    let isThere = order.status == .delivered || order.status == .completed
    let mayRateDelivery = order.status == .delivered && tracking?.deliveryId != nil && tracking?.deliveryRating == nil
    func given(_ stars: Int?) -> [String: Any]? {
      stars.map { ["stars": String(repeating: "★", count: $0), "starsLabel": request.texts.counting("customer.rate.stars", $0)] }
    }
    func choices(_ field: String) -> [[String: Any]] {
      (1...5).map { stars in
        view([
          "value": "\(stars)", "id": "\(field)-\(stars)", "starsLabel": request.texts.counting("customer.rate.stars", stars),
          "isChosen": request.form.integer(field) == stars
        ])
      }
    }
    return [
      "mayRate": isThere && (order.rating == nil || mayRateDelivery), "mayRateMeal": isThere && order.rating == nil,
      "mayRateDelivery": mayRateDelivery, "givenMeal": given(order.rating), "givenDelivery": given(tracking?.deliveryRating),
      "ratingComment": order.ratingComment, "mealStars": choices("stars"), "deliveryStars": choices("deliveryStars"),
      "f": request.formFields(["comment"], problem: problem),
      "error_stars": problem?.faults.contains { $0.path == "stars" } == true
        ? request.texts["customer.rate.choose"] : nil
    ]
  }

  // MARK: What can be done with it

  func cancel() async throws -> WebResponse {
    let id = try request.id("orderId", OrderID.self)
    do {
      _ = try await request.call(CancelOrder(orderId: id, reason: request.form["reason"], version: request.form.integer("version")))
    } catch {
      let problem = error.problem
      // Who tapped twice, or in two windows, has what they wanted.
      if problem.code == "illegal_transition", try await request.call(GetOrder(orderId: id)).status == .cancelled {
        return request.redirect(to: "/orders/\(id)")
      }
      guard problem.status < 500, problem.status != 404 else { throw problem }
      return try await answer(problem: problem)
    }
    return request.redirect(to: "/orders/\(id)")
  }

  /// Takes the stars for the meal, and those for how it was brought.
  func rate() async throws -> WebResponse {
    let id = try request.id("orderId", OrderID.self)
    let stars = request.form.integer("stars")
    let deliveryStars = request.form.integer("deliveryStars")
    do {
      guard stars != nil || deliveryStars != nil else {
        throw Problem(400, "invalid_input", "", faults: [.init(path: "stars", message: "is required")])
      }
      if let stars {
        do {
          _ = try await request.call(RateOrder(orderId: id, stars: stars, comment: request.form["comment"]))
        } catch {
          guard error.problem.code == "already_rated" else { throw error }
        }
      }
      if let deliveryStars, let delivery = try await request.call(GetTracking(orderId: id)).deliveryId {
        do {
          _ = try await request.call(RateDelivery(deliveryId: delivery, stars: deliveryStars))
        } catch {
          guard error.problem.code == "already_rated" else { throw error }
        }
      }
    } catch let failure as any ProblemMaking {
      guard failure.problem.status < 500, failure.problem.status != 404 else { throw failure.problem }
      return try await answer(problem: failure.problem)
    } catch let problem as Problem {
      return try await answer(problem: problem)
    }
    return request.redirect(to: "/orders/\(id)#rating")
  }
}
