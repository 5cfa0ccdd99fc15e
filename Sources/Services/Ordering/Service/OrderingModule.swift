import Caching
public import Hosting
import Kernel
public import Messaging
import Observability
import OrderingAPI
public import Persistence
import Sagas
public import ServiceKit
import Settings

/// Carts and orders: what is wanted, placed, prepared, handed over or ended early.
public struct OrderingModule: ServiceModule {
  public static let name = "ordering"
  public static let calls = ["catalog", "pricing", "payments"]
  public static var routes: [Route] { orderingRoutes }
  public static var migrations: [Migration] { OrderingSchema.migrations }

  public let operations: [any HostedOperation]
  public let reactions: [Reaction]
  public let jobs: [Job]
  private let resume: @Sendable () async throws -> Void

  public init(_ host: Host) throws {
    let settings = host.settings
    let deadline = AcceptDeadline(
      allowed: try settings.duration(
        "ordering.acceptDeadlineSeconds", default: 600, within: 10...86_400, "How long a restaurant may leave an order unanswered."))
    let policyPercent = try settings.integer(
      "ordering.customerCancelRefundPercent", default: 50, within: 0...100,
      "The share of the total that a customer gets back who cancels what the kitchen has begun.")
    let patience = try settings.duration(
      "ordering.paymentPatienceSeconds", default: 300, within: 1...86_400,
      "How long an order waits for Payments to answer before it comes to nothing.")
    let metersPerMinute = try settings.integer(
      "ordering.travelMetersPerMinute", default: 250, within: 10...2000, "How far a courier comes in a minute, for the estimate at placement.")
    let cartDays = try settings.duration("ordering.cartKeepDays", default: 30, within: 1...365, "How long an untouched cart is kept.")
    let database = host.database
    let time = host.time
    let cache = database.engine == .sqlite ? Cache<OrderID, Order>(capacity: 20_000, keep: .seconds(300), time: time) : nil
    let store = OrderStore { cache?.invalidate($0) }
    let reader = OrderReader(database: database, store: store, cache: cache)
    let carts = CartStore()
    let journal = OrderJournal(store: store, outbox: host.outbox)
    let idempotency = Idempotency(service: Self.name, time: time)
    let placing = PlaceOrderSaga(
      switchboard: host.switchboard, database: database, store: store, carts: carts, outbox: host.outbox, idempotency: idempotency,
      deadline: deadline, patience: patience, time: time)
    let place = PlaceOrderHandler(
      switchboard: host.switchboard, database: database, runner: host.sagas, placing: placing, saga: placing.saga, ids: host.ids, time: time,
      travelMetersPerMinute: metersPerMinute)
    let moves = OrderMoves(database: database, store: store, journal: journal, time: time, policyPercent: policyPercent)
    let desk = CartDesk(switchboard: host.switchboard, database: database, store: carts, time: time)

    operations = [
      Hosted(PlaceOrder.self, place.callAsFunction),
      Hosted(GetOrder.self, GetOrderHandler(reader: reader).callAsFunction),
      Hosted(ListOrders.self, ListOrdersHandler(database: database, store: store).callAsFunction),
      Hosted(MayFollowOrder.self, MayFollowOrderHandler(reader: reader).callAsFunction),
      Hosted(UpdateOrderStatus.self, UpdateOrderStatusHandler(moves: moves).callAsFunction),
      Hosted(CancelOrder.self, CancelOrderHandler(moves: moves).callAsFunction),
      Hosted(RateOrder.self, RateOrderHandler(database: database, store: store, outbox: host.outbox, time: time).callAsFunction),
      Hosted(
        GetRestaurantDay.self,
        GetRestaurantDayHandler(switchboard: host.switchboard, database: database, store: store, time: time).callAsFunction),
      Hosted(GetCart.self, GetCartHandler(desk: desk).callAsFunction),
      Hosted(AddCartItem.self, AddCartItemHandler(desk: desk, ids: host.ids).callAsFunction),
      Hosted(ChangeCartItem.self, ChangeCartItemHandler(desk: desk).callAsFunction),
      Hosted(RemoveCartItem.self, RemoveCartItemHandler(desk: desk).callAsFunction),
      Hosted(ClearCart.self, ClearCartHandler(desk: desk).callAsFunction)
    ]
    let erasing = WhenPersonErased(database: database, store: store, carts: carts, outbox: host.outbox, time: time)
    reactions = [
      WhenDeliveryStatusChanged(store: store, journal: journal).reaction,
      WhenRiderAssigned(store: store, journal: journal).reaction,
      WhenPaymentMoved(store: store, journal: journal).reaction,
      erasing.reaction
    ]
    let sagas = host.sagas
    resume = { try await sagas.resume(placing.saga) }
    let deadlines = AcceptDeadlineJob(
      database: database, store: store, journal: journal, outbox: host.outbox, deadline: deadline, time: time)
    let active = Metrics.gauge("active_orders", help: "Orders that have not ended")
    jobs = [
      Job("ordering.countActive", every: .seconds(10), onEveryNode: true) {
        active.set(Double(try await database.read { try store.countActive(in: $0) }))
      },
      Job("ordering.acceptDeadlines", every: .seconds(1), run: deadlines.run),
      Job("ordering.resumePlacing", every: .seconds(2), onEveryNode: true, run: resume),
      Job("ordering.forgetPeople", every: .seconds(5 * time.speed), run: erasing.forget),
      Job("ordering.forgetOld", every: .seconds(600)) {
        let now = time.now
        try await database.write { transaction in
          _ = try carts.prune(before: now - cartDays, limit: 1000, in: transaction)
          try idempotency.prune(in: transaction)
        }
      }
    ]
  }

  public func recover() async throws { try await resume() }
}
