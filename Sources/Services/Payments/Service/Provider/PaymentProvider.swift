import Kernel
import OrderingAPI

/// Who moves the money of cards.
///
/// Every call carries a key made of order, purpose, amount and attempt: the same key again is the same call again. A call that is
/// not answered, or cannot be done now, throws `Unavailable`; one that cannot be done at all throws `ProviderRefusal`.
protocol PaymentProvider: Sendable {
  /// Holds money of a card; a decline is an answer, not an error.
  func authorize(_ wish: HoldWish) async throws -> ProviderHold
  /// Takes a part of a hold, or all of it; the rest ends with it.
  func capture(_ money: Money, ofHold hold: String, key: String) async throws
  /// Gives a hold up; one that the provider does not know, or that is given up already, is no error.
  func void(hold: String) async throws
  /// Gives back a part of what was captured.
  func refund(_ money: Money, ofHold hold: String, key: String) async throws
  /// The hold of a key, if the provider knows it.
  func find(_ hold: String) async throws -> ProviderHold?
  /// The holds made for an order.
  func holds(of order: OrderID) async throws -> [ProviderHold]
  /// Holds that were made before `limit` and are neither captured nor given up: the oldest first, `count` at most, after `cursor`.
  func openHolds(before limit: Instant, after cursor: HoldCursor?, count: Int) async throws -> [ProviderHold]
}

/// What the provider is asked to hold.
struct HoldWish: Hashable, Sendable {
  var key: String
  var order: OrderID
  var cardToken: String
  var money: Money
}

/// A hold as the provider knows it.
struct ProviderHold: Hashable, Sendable {
  enum Status: String, Sendable { case held, captured, voided, declined }

  var key: String
  var order: OrderID
  var money: Money
  var status: Status
  /// What was taken of it.
  var captured: Money
  var madeAt: Instant
}

/// Where a list of holds goes on.
struct HoldCursor: Hashable, Sendable {
  var madeAt: Instant
  var key: String
}

/// What the provider will not do, however often it is asked.
struct ProviderRefusal: Error, Hashable {
  enum Reason: String, Sendable {
    case cardUnknown = "card_unknown"
    case holdUnknown = "hold_unknown"
    case holdGone = "hold_gone"
    case tooMuch = "too_much"
  }

  var reason: Reason
}
