import CatalogAPI
import DeliveryAPI
import GatewayAPI
import Kernel
import OrderingAPI
import Realtime
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

@testable import Gateway

private let ids = IdentifierSource(time: .scaled(from: Instant(milliseconds: 1_800_000_000_000)))

@Suite("Who may follow which channel") struct ChannelGateTests {
  static let me: UserID = ids.next()
  static let tenant: TenantID = ids.next()
  static let order: OrderID = ids.next()

  /// The order is the customer's `me`, and nobody else's.
  private func gate(isCityPublic: Bool = false, isUp: Bool = true) -> ChannelGate {
    let board = Switchboard(
      isUp
        ? [
          Hosted(MayFollowOrder.self) { request in
            FollowPermission(
              mayFollow: request.orderId == Self.order && request.caller.user == Self.me, tenantId: nil, customerId: nil, partnerId: nil)
          }
        ] : [])
    return ChannelGate(switchboard: board, isCityPublic: isCityPublic)
  }

  @Test(
    "of each kind of caller, and none else",
    arguments: [
      ("order:\(Self.order)", Caller(user: Self.me, roles: [.customer]), ChannelGate.Verdict.open),
      ("order:\(Self.order)", Caller(user: ids.next(), roles: [.customer]), .hidden),
      ("order:\(ids.next(OrderID.self))", Caller(user: Self.me, roles: [.customer]), .hidden),
      ("order:\(Self.order)", .anonymous, .notSignedIn), ("order:7", Caller(user: Self.me, roles: [.customer]), .hidden),
      ("tenant:\(Self.tenant)", Caller(user: Self.me, tenant: Self.tenant, roles: [.waiter]), .open),
      ("tenant:\(Self.tenant)", Caller(user: Self.me, tenant: ids.next(), roles: [.owner]), .hidden),
      ("tenant:\(Self.tenant)", Caller(user: Self.me, tenant: Self.tenant, roles: [.customer]), .hidden),
      ("tenant:\(Self.tenant)", Caller(user: Self.me, roles: [.admin]), .open), ("tenant:\(Self.tenant)", .anonymous, .notSignedIn),
      ("user:\(Self.me)", Caller(user: Self.me, roles: [.customer]), .open), ("user:\(Self.me)", Caller(user: ids.next(), roles: [.admin]), .hidden),
      ("partner:\(Self.me)", Caller(user: Self.me, roles: [.deliveryPartner]), .open),
      ("partner:\(Self.me)", Caller(user: Self.me, roles: [.customer]), .hidden),
      ("city", Caller(user: Self.me, roles: [.customer]), .hidden), ("city", Caller(user: Self.me, roles: [.superAdmin]), .open),
      ("city", .anonymous, .notSignedIn),
      ("city:x", Caller(user: Self.me, roles: [.admin]), .hidden), ("", .anonymous, .hidden),
      ("order", Caller(user: Self.me, roles: [.admin]), .hidden),
      ("orders:\(Self.order)", Caller(user: Self.me, roles: [.admin]), .hidden)
    ])
  func verdicts(_ channel: String, _ caller: Caller, _ wanted: ChannelGate.Verdict) async {
    #expect(await gate().verdict(on: channel, for: caller) == wanted)
  }

  @Test("the city is anyone's when it is shown") func city() async {
    #expect(await gate(isCityPublic: true).verdict(on: "city", for: .anonymous) == .open)
  }

  @Test("nobody is let in while nobody can be asked") func down() async {
    #expect(await gate(isUp: false).verdict(on: "order:\(Self.order)", for: Caller(user: Self.me, roles: [.customer])) == .unavailable)
  }
}

@Suite("What a client may say on a socket") struct ClientMessageTests {
  private func read(_ text: String) -> String {
    Array(text.utf8).withUnsafeBytes { bytes in
      do throws(InvalidInput) {
        switch try ClientMessage.read(bytes) {
        case .authenticate(let proof): return "authenticate \(proof.accessToken)"
        case .subscribe(let wish): return "subscribe \(wish.channel) \(wish.cursor ?? "-")"
        case .unsubscribe(let wish): return "unsubscribe \(wish.channel)"
        case .positions(let taken): return "positions \(taken.latitude ?? 0) \(taken.longitude ?? 0) \(taken.positions?.count ?? 0)"
        case .ping: return "ping"
        case .unknown(let type): return "unknown \(type)"
        }
      } catch { return error.all.map(\.description).joined(separator: "; ") }
    }
  }

  @Test(
    "is understood in either order, or refused with every fault",
    arguments: [
      (#"{"type":"ping"}"#, "ping"), (#"{"type":"ping","data":{}}"#, "ping"), (#"{"data":{},"type":"ping"}"#, "ping"),
      (#"{"type":"subscribe","data":{"channel":"city"}}"#, "subscribe city -"),
      (#"{"data":{"cursor":"e-1","channel":"city"},"type":"subscribe"}"#, "subscribe city e-1"),
      (#"{"type":"unsubscribe","data":{"channel":"city"}}"#, "unsubscribe city"),
      (#"{"type":"authenticate","data":{"accessToken":"t"}}"#, "authenticate t"),
      (#"{"type":"position","data":{"latitude":40.5,"longitude":-74}}"#, "positions 40.5 -74.0 0"),
      (#"{"type":"positions","data":{"positions":[{"latitude":1,"longitude":2},{"latitude":1,"longitude":2}]}}"#, "positions 0.0 0.0 2"),
      (#"{"type":"dance"}"#, "unknown dance"), (#"{"type":"dance","data":[1]}"#, "unknown dance"), (#"{"data":{}}"#, "type: is required"),
      ("{}", "type: is required"),
      (#"{"type":"subscribe"}"#, "data: is required"), (#"{"type":"subscribe","data":{}}"#, "data.channel: is required"),
      (
        #"{"type":"position","data":{"latitude":91,"longitude":"x"}}"#,
        "data.latitude: must be between -90.0 and 90.0; data.longitude: must be a number"
      ),
      ("nonsense", "is not JSON (byte 0)"), ("[]", "must be an object"), (#"{"type":"ping"} x"#, "is not JSON (byte 16)"),
      (#"{"type":7}"#, "type: must be text; type: is required")
    ])
  func messages(_ text: String, _ wanted: String) { #expect(read(text) == wanted) }
}

@Suite("What an order's move tells") struct WhenOrderMovedTests {
  final class Ear: Channels.Listener {
    let heard = Mutex<[String]>([])
    func deliver(_ frame: [UInt8]) { heard.withLock { $0.append(String(decoding: frame, as: UTF8.self)) } }
  }

  @Test("goes to the order's, the tenant's and the customer's channel, the same in each") func frames() throws {
    let time = ManualTime()
    let channels = Channels(epoch: "e", time: time.source)
    let order = OrderNotice(
      orderId: ids.next(), tenantId: ids.next(), restaurantId: ids.next(), restaurantName: "Tide \"W\"",
      restaurantPoint: GeoPoint(latitude: 1, longitude: 2),
      restaurantAddress: "1 Quay", customerId: ids.next(), status: .preparing, version: 4, fulfilment: .delivery, paymentMethod: .card,
      currency: .usd,
      total: Amount(units: 2549), deliveryFee: Amount(units: 0), tip: Amount(units: 0), itemCount: 2, placedAt: time.now)
    let ears = ["order:\(order.orderId)", "tenant:\(order.tenantId)", "user:\(order.customerId)", "city"].map { name in
      let ear = Ear()
      channels.join(name, cursor: nil, ear)
      return (name, ear)
    }
    let event = OrderStatusChanged(order: order)
    let envelope = Envelope(
      id: ids.next(), name: "order.status_changed", version: 1, topic: .orders, time: time.now, aggregate: event.aggregate, sequence: 9,
      payload: RawJSON(event))
    WhenOrderMoved(channels: channels).tell(order, envelope)
    for (name, ear) in ears.dropLast() {
      let frames = ear.heard.withLock { $0 }
      #expect(frames.count == 1)
      let frame = try #require(frames.first)
      #expect(
        frame.hasPrefix(
          #"{"type":"order_update","channel":"\#(name)","cursor":"e-1","data":{"orderId":"\#(order.orderId)","status":"preparing","timestamp":"#))
      #expect(frame.contains(#""version":4,"sequence":9,"#) && frame.contains(#""total":"25.49""#))
    }
    #expect(ears.last?.1.heard.withLock { $0.first?.contains("city_event") } == true)
  }
}
