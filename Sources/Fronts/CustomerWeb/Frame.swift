import Foundation
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer
import Wire

/// What a template names; nothing, and an empty text, become false: they hide their section, and no outer value shows through.
func view(_ fields: [String: Any?]) -> [String: Any] {
  fields.mapValues { value in
    guard let value else { return false }
    if let text = value as? String, text.isEmpty { return false }
    return value
  }
}

/// The entry of the navigation that a page belongs to.
enum Tab: String { case home, orders, basket }

extension PageRequest {
  /// Whether a script asks, which puts a part of the page in place.
  var wantsPart: Bool { query["part"] != nil || form["part"] != nil }

  /// A page in the frame of the app, which shows how much is in the basket.
  func framed(_ template: String, status: Int = 200, tab: Tab, basket: Cart, _ fields: [String: Any?]) throws(Problem) -> WebResponse {
    var all = view(fields)
    all["basketCount"] = basket.itemCount > 0 ? formats.number(basket.itemCount) : false
    all["basketLabel"] = texts.counting("customer.basket.items", basket.itemCount)
    all["hereEscaped"] = (status == 200 ? url : "/").addingPercentEncoding(withAllowedCharacters: .asciiLetters) ?? "/"
    all["isSignedIn"] = caller.user != nil
    all["tabHome"] = tab == .home
    all["tabOrders"] = tab == .orders
    all["tabBasket"] = tab == .basket
    return try page(template, status: status, all)
  }

  /// What is in the basket: nothing for a browser that never put anything in.
  func basket() async throws -> Cart {
    if caller.user == nil, caller.cartKey == nil { return .empty }
    return try await call(GetCart())
  }

  /// What is in the basket, on pages that are worth something without it.
  func basketIfReached() async -> Cart { (try? await basket()) ?? .empty }

  /// Does something with the basket, for which a browser that has none yet gets a key.
  func withBasket<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    guard caller.user == nil, caller.cartKey == nil else { return try await body() }
    var owner = caller
    let key = freshKey()
    owner.cartKey = key
    let result = try await Caller.$current.withValue(owner) { try await body() }
    keep("tiffin_cart", key, seconds: 180 * 86_400)
    return result
  }

  /// The basket as the bar at the foot of a page shows it; nothing when it is empty.
  func dock(_ basket: Cart) -> [String: Any]? {
    guard basket.itemCount > 0 else { return nil }
    return view([
      "count": texts.counting("customer.basket.items", basket.itemCount),
      "sum": basket.currency.flatMap { currency in basket.subtotal.map { formats.money($0, currency) } },
      "from": basket.restaurantName
    ])
  }

  /// What is wrong with a request in the reader's language: by the word for the problem, else by what is said of the field.
  func sentence(of fault: Fault?, in problem: Problem) -> String {
    let key = "customer.problem.\(problem.code)"
    if texts.has(key) { return texts[key] }
    return fault.map { sentence(of: $0) } ?? sentence(of: problem)
  }
}

extension Cart {
  static let empty = Cart(items: [], itemCount: 0)
}
