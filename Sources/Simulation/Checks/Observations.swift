public import DeliveryAPI
import IdentityAPI
public import Kernel
public import OrderingAPI
public import ServiceKit

/// A promise of the platform that was seen broken from outside.
public struct Breach: Hashable, Sendable, CustomStringConvertible {
  /// The promise in a word, such as `one_capture`.
  public let rule: String
  public let subject: String
  public let detail: String

  public var description: String { "\(rule): \(subject): \(detail)" }
}

/// All that was seen from outside during a day, and which promises it breaks; pure, so that planted breaches can be tried.
public struct Observations: Sendable {
  /// One subscription of one client: what it saw of a channel.
  private struct Subscription: Sendable {
    var lastCursor: Int?
    var epoch: Substring?
    /// What was told of each order, in the order it came, and when in the count of all that was seen.
    var told: [OrderID: [(version: Int, status: OrderStatus, moment: Int)]] = [:]
    /// When it was said that frames were missed and the state is to be read again.
    var gaps: [Int] = []
  }

  private struct PartnerState: Sendable {
    var openOffer: (offer: OfferID, expires: Instant)?
    var delivery: DeliveryID?
  }

  private struct Order: Sendable {
    var name: String
    var partner: UserID?
    var ends: [OrderStatus] = []
    var final: (status: OrderStatus, version: Int)?
    var captures = 0
    var movements = 0
    /// When it was asked for.
    var begun = 0
  }

  private var subscriptions: [String: Subscription] = [:]
  private var partners: [UserID: PartnerState] = [:]
  private var orders: [OrderID: Order] = [:]
  private var names: [String: OrderID] = [:]
  /// A courier may have heard of an order before the answer to the customer came.
  private var acknowledged: Set<OrderID> = []
  private var begun: [String: Int] = [:]
  private var found: [Breach] = []
  /// Counts what is seen.
  private var moment = 0
  /// Frames that were compared.
  public private(set) var frames = 0

  /// The breaches seen so far, before the end is read.
  public var seen: [Breach] { found }

  public static let endings: Set<OrderStatus> = [.delivered, .completed, .rejected, .cancelled]

  public init() {}

  private mutating func note(_ rule: String, _ subject: String, _ detail: String) {
    // A promise broken everywhere would drown the rest.
    if found.count < 1000 { found.append(Breach(rule: rule, subject: subject, detail: detail)) }
  }

  // MARK: What is seen while the day runs

  /// An order is asked for now.
  public mutating func placing(_ name: String) {
    moment += 1
    begun[name] = moment
  }

  /// The server acknowledged an order.
  public mutating func placed(_ order: OrderID, name: String) {
    if !acknowledged.insert(order).inserted { note("placed_once", name, "two orders were acknowledged with the id \(order)") }
    if let other = names.updateValue(order, forKey: name), other != order { note("placed_once", name, "is order \(other) and \(order)") }
    orders[order, default: Order(name: name)].name = name
    orders[order]?.begun = begun[name] ?? 0
  }

  /// A subscriber joined a channel: what comes next counts on from the cursor it was given, or from its own when it resumed.
  public mutating func joined(_ subscriber: String, _ channel: String, how: String, cursor: String?) {
    let key = "\(subscriber) \(channel)"
    if how == "resumed", subscriptions[key]?.lastCursor != nil { return }
    var subscription = Subscription()
    if let (epoch, number) = cursor.flatMap(Self.parts) { (subscription.epoch, subscription.lastCursor) = (epoch, number) }
    // What was told before the loss stays told; only the channel's count starts anew.
    subscription.told = subscriptions[key]?.told ?? [:]
    subscription.gaps = subscriptions[key]?.gaps ?? []
    moment += 1
    if how == "refetch" { subscription.gaps.append(moment) }
    subscriptions[key] = subscription
  }

  /// A subscriber got a frame with a channel's cursor, `epoch-number`: each channel counts without gaps.
  ///
  /// - Parameter isKept: whether the channel keeps the frame; one that it does not keep carries the cursor of the last that it does.
  public mutating func cursor(_ subscriber: String, _ channel: String, _ cursor: String, isKept: Bool = true) {
    frames += 1
    guard let (epoch, number) = Self.parts(cursor) else {
      return note("every_event_once", subscriber, "\(channel): \(cursor) is no cursor")
    }
    let key = "\(subscriber) \(channel)"
    if let last = subscriptions[key]?.lastCursor, subscriptions[key]?.epoch == epoch, number != (isKept ? last + 1 : last) {
      note("every_event_once", subscriber, "\(channel): cursor \(number) came after \(last)")
    }
    subscriptions[key, default: Subscription()].lastCursor = number
    subscriptions[key]?.epoch = epoch
  }

  private static func parts(_ cursor: String) -> (epoch: Substring, number: Int)? {
    guard let dash = cursor.lastIndex(of: "-"), let number = Int(cursor[cursor.index(after: dash)...]) else { return nil }
    return (cursor[..<dash], number)
  }

  /// A subscriber was told an order's state; the versions of one order count up.
  public mutating func update(_ subscriber: String, _ channel: String, _ order: OrderID, version: Int, status: OrderStatus) {
    let key = "\(subscriber) \(channel)"
    if let last = subscriptions[key]?.told[order]?.last, version <= last.version {
      note("every_event_once", subscriber, "order \(order): version \(version) (\(status.rawValue)) came after \(last.version)")
    }
    moment += 1
    subscriptions[key, default: Subscription()].told[order, default: []].append((version, status, moment))
  }

  /// A subscriber followed an order: the states it was told must be those of the order's history, each once and in order. Where it was
  /// told to read the state again, it may have missed some.
  ///
  /// - Parameter isWhole: whether it listened from before the order was placed; otherwise it may have missed the first states.
  public mutating func followed(_ subscriber: String, _ channel: String, _ order: OrderID, history: [OrderStatus], isWhole: Bool) {
    let subscription = subscriptions["\(subscriber) \(channel)"] ?? Subscription()
    // A version may come without another state: a courier was found, the time to the door changed.
    var seen: [(status: OrderStatus, first: Int, last: Int)] = []
    for told in subscription.told[order] ?? [] {
      if seen.last?.status == told.status {
        seen[seen.count - 1].last = told.moment
      } else {
        seen.append((told.status, told.moment, told.moment))
      }
    }
    func mayMiss(_ from: Int, _ to: Int) -> Bool { subscription.gaps.contains { from < $0 && $0 < to } }
    var next = 0
    var moment = orders[order]?.begun ?? 0
    var isRight = true
    for (index, state) in seen.enumerated() {
      guard let place = history[min(next, history.count)...].firstIndex(of: state.status) else {
        isRight = false
        break
      }
      if place != next, !(index == 0 && !isWhole), !mayMiss(moment, state.first) { isRight = false }
      next = place + 1
      moment = state.last
    }
    let isAtEnd = next == history.count || (seen.isEmpty && !isWhole && history.count <= 1) || mayMiss(moment, .max)
    if !isRight || !isAtEnd {
      note(
        "every_event_once", subscriber,
        "order \(order): was told \(seen.map(\.status.rawValue).joined(separator: ", ")) of \(history.map(\.rawValue).joined(separator: ", "))")
    }
  }

  /// A partner was offered a delivery.
  public mutating func offered(_ partner: UserID, _ offer: OfferID, at now: Instant, expires: Instant) {
    let state = partners[partner] ?? PartnerState()
    if let open = state.openOffer, open.offer != offer, open.expires > now {
      note("one_open_offer", "partner \(partner)", "got offer \(offer) while \(open.offer) was open")
    }
    if let delivery = state.delivery { note("one_open_offer", "partner \(partner)", "got offer \(offer) during delivery \(delivery)") }
    partners[partner, default: PartnerState()].openOffer = (offer, expires)
  }

  /// The offer was answered, or the server said that it is gone.
  public mutating func closed(_ partner: UserID, _ offer: OfferID) {
    if partners[partner]?.openOffer?.offer == offer { partners[partner]?.openOffer = nil }
  }

  /// A partner may have missed that an offer was withdrawn or that a delivery ended.
  public mutating func missed(by partner: UserID) { partners[partner] = nil }

  /// The server gave a delivery to a partner.
  public mutating func assigned(_ partner: UserID, _ delivery: DeliveryID, _ order: OrderID) {
    if let other = partners[partner]?.delivery, other != delivery {
      note("one_delivery", "partner \(partner)", "has delivery \(delivery) while \(other) runs")
    }
    partners[partner, default: PartnerState()].delivery = delivery
    if let other = orders[order]?.partner, other != partner {
      note("one_partner", "order \(order)", "reached partner \(other) and partner \(partner)")
    }
    orders[order, default: Order(name: "\(order)")].partner = partner
  }

  /// The partner's delivery is over.
  public mutating func finished(_ partner: UserID, _ delivery: DeliveryID) {
    if partners[partner]?.delivery == delivery { partners[partner]?.delivery = nil }
  }

  // MARK: What is read after the day

  /// An order as the server tells it in the end, with the states of its history in order.
  public mutating func final(_ order: OrderID, status: OrderStatus, version: Int, history: [OrderStatus]) {
    orders[order, default: Order(name: "\(order)")].final = (status, version)
    orders[order]?.ends = history.filter(Self.endings.contains)
    if history.last != status {
      note("one_end", "order \(order)", "is \(status.rawValue), but its history ends with \(history.last?.rawValue ?? "nothing")")
    }
  }

  /// A payment of an order and how often money was captured with it.
  public mutating func payment(of order: OrderID, captures: Int) {
    guard orders[order] != nil else { return }
    orders[order]?.captures += captures
    orders[order]?.movements += 1
  }

  /// The totals of the ledger by currency.
  public mutating func ledger(currency: String, debits: Amount, credits: Amount) {
    if debits.units * Self.tens(credits.scale) != credits.units * Self.tens(debits.scale) {
      note("ledger_balances", currency, "debits \(debits), credits \(credits)")
    }
  }

  private static func tens(_ power: Int) -> Int { (0..<power).reduce(1) { product, _ in product * 10 } }

  /// All promises seen broken; empty after a good day.
  public func breaches() -> [Breach] {
    var all = found
    func add(_ rule: String, _ subject: String, _ detail: String) { all.append(Breach(rule: rule, subject: subject, detail: detail)) }
    for (id, order) in orders.sorted(by: { $0.value.name < $1.value.name }) {
      let subject = "order \(order.name) (\(id))"
      guard let final = order.final else {
        add("one_end", subject, "was acknowledged, and cannot be read any more")
        continue
      }
      if !Self.endings.contains(final.status) { add("no_order_stuck", subject, "is still \(final.status.rawValue)") }
      if order.ends.count > 1 { add("one_end", subject, "ended \(order.ends.count) times: \(order.ends.map(\.rawValue).joined(separator: ", "))") }
      let due = final.status == .delivered || final.status == .completed ? 1 : 0
      if order.captures != due { add("one_capture", subject, "is \(final.status.rawValue) and was captured \(order.captures) times") }
    }
    return all
  }
}
