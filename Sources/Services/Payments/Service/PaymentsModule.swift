public import Hosting
import Kernel
public import Messaging
import PaymentsAPI
public import Persistence
public import ServiceKit
import Settings

/// The money of orders: held, taken, given back, and kept account of.
public final class PaymentsModule: ServiceModule {
  public static let name = "payments"
  public static let routes = paymentsRoutes
  public static let migrations = paymentsMigrations

  private let host: Host
  private let cashier: Cashier
  private let reconciler: Reconciler
  private let sandbox: SandboxProvider
  private let pause: Duration

  public init(_ host: Host) throws {
    let timeout = try host.settings.duration(
      "payments.providerTimeoutMilliseconds", default: 3000, within: 50...60_000, "How long the payment provider may take to answer.")
    let grace = try host.settings.duration(
      "payments.holdGraceMinutes", default: 10, within: 1...10_080, "How old a hold without an order gets before it is given back.")
    pause = try host.settings.duration(
      "payments.reconcileSeconds", default: 60, within: 1...86_400, "The pause between two comparisons with the payment provider.")
    self.host = host
    sandbox = SandboxProvider(database: host.database, time: host.time)
    cashier = Cashier(
      database: host.database, books: Books(outbox: host.outbox),
      provider: GuardedProvider(sandbox, timeout: timeout, time: host.time, ids: host.ids), time: host.time, ids: host.ids)
    reconciler = Reconciler(cashier: cashier, grace: grace)
  }

  public var operations: [any HostedOperation] {
    [
      Hosted(AuthorizePayment.self, AuthorizePaymentHandler(cashier: cashier).answer),
      Hosted(VoidPayment.self, VoidPaymentHandler(cashier: cashier).answer),
      Hosted(RefundPayment.self, RefundPaymentHandler(cashier: cashier).answer),
      Hosted(ListPayments.self, ListPaymentsHandler(database: host.database).answer),
      Hosted(ListAllPayments.self, ListAllPaymentsHandler(database: host.database).answer),
      Hosted(ReadPayment.self, ReadPaymentHandler(database: host.database).answer),
      Hosted(ReadLedger.self, ReadLedgerHandler(database: host.database).answer)
    ]
  }

  public var reactions: [Reaction] { WhenOrderEnds(cashier: cashier).reactions }

  public var jobs: [Job] {
    [
      Job("payments.reconcile", every: pause, run: reconciler.run),
      Job("payments.notices", every: .seconds(5)) { [sandbox, reconciler] in
        for key in try await sandbox.takeNotices(100) { try await reconciler.review(key) }
      }
    ]
  }
}
