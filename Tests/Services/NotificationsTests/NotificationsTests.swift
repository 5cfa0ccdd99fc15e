import CatalogAPI
import DeliveryAPI
import Hosting
import Kernel
import Messaging
import NotificationsAPI
import OrderingAPI
import PaymentsAPI
import Persistence
import Realtime
import Sagas
import ServiceKit
import Settings
import Synchronization
import TestKit
import Testing
import Wire

@testable import Notifications

@Suite struct TellingTests {
  let ids = ManualTime().ids()

  /// Who hears of which status: a table of the whole.
  @Test func everyStatusOfAnOrder() {
    let expected: [OrderStatus: (customer: String?, staff: String?)] = [
      .pending: ("order_placed", "order_new"), .confirmed: ("order_confirmed", nil), .preparing: (nil, nil), .readyForPickup: (nil, nil),
      .outForDelivery: ("order_picked_up", nil), .delivered: ("order_delivered", nil), .completed: ("order_completed", nil),
      .rejected: ("order_rejected", nil), .cancelled: ("order_cancelled", "order_cancelled_staff")
    ]
    for status in OrderStatus.allCases {
      let order = notice(ids, status)
      let tellings = Tellings.of(order)
      #expect(tellings.filter { $0.audience == .user(order.customerId) }.map(\.kind) == [expected[status]?.customer].compactMap { $0 }, "\(status)")
      #expect(tellings.filter { $0.audience == .tenant(order.tenantId) }.map(\.kind) == [expected[status]?.staff].compactMap { $0 }, "\(status)")
    }
    var pickup = notice(ids, .readyForPickup)
    pickup.fulfilment = .pickup
    #expect(Tellings.of(pickup).map(\.kind) == ["order_ready"])
  }

  @Test func wordsAreFilledInWhole() {
    var order = notice(ids, .rejected)
    order.reason = "kitchen_closed"
    #expect(Tellings.of(order)[0].text == "Spice Route cannot make your order: kitchen closed. You get 25.49 EUR back.")
    var tellings = OrderStatus.allCases.flatMap { Tellings.of(notice(ids, $0)) }
    tellings +=
      Tellings.reminder(order, isEscalation: true, deadline: order.placedAt) + Tellings.reminder(order, isEscalation: false, deadline: order.placedAt)
    let payment = PaymentNotice(
      paymentId: ids.next(), orderId: order.orderId, tenantId: order.tenantId, customerId: order.customerId, method: .card, status: .failed,
      currency: .eur, amount: Amount(units: 100), reason: "card_declined")
    tellings += Tellings.failed(payment) + Tellings.refunded(payment)
    for status in DeliveryStatus.allCases { tellings += Tellings.moved(delivery(order, status)) }
    tellings += Tellings.assigned(delivery(order, .assigned), courier: "Ada") + Tellings.unassigned(delivery(order, .unassigned))
    for telling in tellings {
      #expect(Catalogue.english[telling.kind] != nil, "\(telling.kind) has no words")
      #expect(!telling.text.contains("{") && !telling.title.contains("{"), "\(telling)")
    }
    let told = Set(tellings.map(\.kind)).union(["order_ready"])
    #expect(told == Set(Catalogue.english.keys), "words that nobody is ever told")
  }

  private func delivery(_ order: OrderNotice, _ status: DeliveryStatus) -> DeliveryNotice {
    DeliveryNotice(deliveryId: ids.next(), orderId: order.orderId, tenantId: order.tenantId, customerId: order.customerId, status: status)
  }
}

@Suite struct NotificationListTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func peopleSeeTheirsAndStaffTheirTenants(_ mode: Switchboard.LocalDelivery) async throws {
    let office = try await Office(mode)
    let order = notice(office.ids, .pending)
    let customer = Caller(user: order.customerId, roles: [.customer])
    let staff = Caller(user: office.ids.next(), tenant: order.tenantId, roles: [.kitchenStaff])
    let ear = Ear()
    _ = office.channels.join("user:\(order.customerId)", cursor: nil, ear)
    try await office.hear(OrderCreated(order: order))
    var confirmed = order
    confirmed.status = .confirmed
    try await office.hear(OrderConfirmed(order: confirmed))

    let list = try await office.call(ListNotifications(), as: customer)
    #expect(list.items.map(\.kind) == ["order_confirmed", "order_placed"] && list.nextCursor == nil)
    #expect(ear.frames.count == 2 && ear.frames.allSatisfy { $0.hasPrefix("{\"type\":\"notification\"") })
    #expect(try await office.call(ListNotifications(), as: staff).items.map(\.kind) == ["order_new"])
    for other in [
      Caller(user: office.ids.next(), roles: [.customer]), Caller(user: office.ids.next(), tenant: office.ids.next(), roles: [.manager]),
      Caller(user: office.ids.next(), tenant: order.tenantId, roles: [.customer])
    ] {
      #expect(try await office.call(ListNotifications(), as: other).items.isEmpty)
      await #expect(throws: (any Error).self) { try await office.call(MarkNotificationRead(notificationId: list.items[0].id), as: other) }
    }
    await #expect(throws: (any Error).self) { try await office.call(ListNotifications(), as: .anonymous) }

    await office.time.advance(by: .seconds(5))
    let read = try await office.call(MarkNotificationRead(notificationId: list.items[1].id), as: customer)
    await office.time.advance(by: .seconds(5))
    #expect(try await office.call(MarkNotificationRead(notificationId: list.items[1].id), as: customer) == read)
    #expect(try await office.call(ListNotifications(unread: true), as: customer).items.map(\.kind) == ["order_confirmed"])
    #expect(try await office.count("SELECT 1 FROM notifications_outbox WHERE event = 'notification.send'") == 2)
  }

  @Test func pagesFollowEachOtherWithoutGapOrRepeat() async throws {
    let office = try await Office()
    let order = notice(office.ids, .confirmed)
    let staff = Caller(user: order.customerId, tenant: order.tenantId, roles: [.owner])
    for status in [OrderStatus.pending, .confirmed, .outForDelivery, .delivered, .cancelled, .pending] {
      var order = order
      order.status = status
      try await office.hear(OrderConfirmed(order: order))
    }
    let all = try await office.call(ListNotifications(limit: 200), as: staff).items.map(\.id)
    var paged: [NotificationID] = []
    var cursor: String?
    repeat {
      let page = try await office.call(ListNotifications(limit: 2, cursor: cursor), as: staff)
      paged += page.items.map(\.id)
      cursor = page.nextCursor
    } while cursor != nil
    #expect(all.count == 9 && paged == all)
  }

  @Test func theListIsBounded() async throws {
    let office = try await Office(settings: ["notifications.keepPerAudience": "10"])
    let order = notice(office.ids, .confirmed), other = notice(office.ids, .confirmed)
    for _ in 0..<25 { try await office.hear(OrderConfirmed(order: order)) }
    for _ in 0..<3 { try await office.hear(OrderConfirmed(order: other)) }
    let newest = try await office.call(ListNotifications(limit: 10), as: Caller(user: order.customerId, roles: [.customer])).items
    for job in office.module.jobs { try await job.run() }
    #expect(try await office.call(ListNotifications(limit: 200), as: Caller(user: order.customerId, roles: [.customer])).items == newest)
    #expect(try await office.count("SELECT 1 FROM notifications_entries") == 13)
    await office.time.advance(by: .seconds(31 * 86_400))
    for job in office.module.jobs { try await job.run() }
    #expect(try await office.count("SELECT 1 FROM notifications_entries") == 0)
  }

  @Test func whatHappensToMoneyAndDeliveriesIsTold() async throws {
    let office = try await Office()
    let order = notice(office.ids, .confirmed)
    let payment = PaymentNotice(
      paymentId: office.ids.next(), orderId: order.orderId, tenantId: order.tenantId, customerId: order.customerId, method: .card, status: .refunded,
      currency: .eur, amount: Amount(units: 2549))
    let delivery = DeliveryNotice(
      deliveryId: office.ids.next(), orderId: order.orderId, tenantId: order.tenantId, customerId: order.customerId, status: .arrivedAtCustomer)
    try await office.hear(OrderAcceptReminder(order: order, urgency: .escalation, acceptBy: office.time.now))
    try await office.hear(PaymentFailed(payment: payment))
    try await office.hear(PaymentRefunded(payment: payment))
    try await office.hear(RiderAssigned(delivery: delivery, partnerName: "Ada"))
    try await office.hear(DeliveryStatusChanged(delivery: delivery))
    try await office.hear(DeliveryUnassigned(delivery: delivery))
    let staff = Caller(user: order.customerId, tenant: order.tenantId, roles: [.owner])
    let kinds = try await office.call(ListNotifications(), as: staff).items.map(\.kind)
    #expect(kinds == ["delivery_unassigned", "courier_at_door", "courier_assigned", "payment_refunded", "payment_failed", "order_accept_escalated"])
  }
}

/// An order as events tell of it.
private func notice(_ ids: IdentifierSource, _ status: OrderStatus) -> OrderNotice {
  let point = GeoPoint(latitude: 52.52, longitude: 13.405)
  return OrderNotice(
    orderId: ids.next(), tenantId: ids.next(), restaurantId: ids.next(), restaurantName: "Spice Route", restaurantPoint: point,
    restaurantAddress: "Main Street 1", customerId: ids.next(), status: status, version: 1, fulfilment: .delivery, paymentMethod: .card,
    currency: .eur, total: Amount(units: 2549), deliveryFee: Amount(units: 299), tip: Amount(units: 0),
    deliveryAddress: DeliveryAddress(text: "Garden Lane 7", point: point), itemCount: 2, placedAt: Instant(milliseconds: 0),
    refund: Amount(units: 2549))
}

/// Notifications alone, with a database in a file.
private final class Office: Sendable {
  let time = ManualTime()
  let ids: IdentifierSource
  let database: TestDatabase
  let channels: Channels
  let board: Switchboard
  let module: NotificationsModule

  init(_ mode: Switchboard.LocalDelivery = .direct, settings: [String: String] = [:]) async throws {
    ids = time.ids()
    database = try await temporaryDatabase(NotificationsModule.migrations + Outbox.migrations(for: "notifications"))
    channels = Channels(epoch: "test", time: time.source)
    board = Switchboard(delivery: mode)
    module = try NotificationsModule(
      Host(
        database: database, switchboard: board, outbox: Outbox(service: "notifications", time: time.source, ids: ids, committed: { _, _ in }),
        sagas: SagaRunner(service: "notifications", database: database, time: time.source), channels: channels, time: time.source, ids: ids,
        settings: SettingsSource(commandLine: settings)))
    board.host(module.operations)
  }

  func hear<E: Event>(_ event: E) async throws {
    let envelope = Envelope(
      id: ids.next(), name: E.name, version: 1, topic: E.topic, time: time.now, tenant: event.tenant, aggregate: event.aggregate, sequence: 1,
      payload: RawJSON(event))
    for reaction in module.reactions where reaction.events.contains(E.name) {
      if case .inTransaction(let prepare) = reaction.kind { try await database.write(try prepare(envelope)) }
    }
  }

  func call<O: Operation>(_ operation: O, as caller: Caller) async throws -> O.Reply {
    try await Caller.$current.withValue(caller) { try await board.call(operation) }
  }

  func count(_ sql: String) async throws -> Int {
    try await database.read { transaction in
      var count = 0
      try transaction.rows(sql, []) { _ in count += 1 }
      return count
    }
  }
}

/// Keeps the frames of a channel.
private final class Ear: Channels.Listener {
  private let kept = Mutex<[String]>([])
  func deliver(_ frame: [UInt8]) { kept.withLock { $0.append(String(decoding: frame, as: UTF8.self)) } }
  var frames: [String] { kept.withLock { $0 } }
}
