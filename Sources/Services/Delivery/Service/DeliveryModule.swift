import Caching
import DeliveryAPI
public import Hosting
public import Messaging
public import Persistence
public import ServiceKit

/// Brings orders to doors: partners and where they are, who is offered what, the steps of a delivery, tracking and earnings.
public struct DeliveryModule: ServiceModule {
  public static let name = "delivery"
  public static let calls = ["catalog", "ordering"]
  public static var routes: [Route] { deliveryRoutes }
  public static var migrations: [Migration] { DeliverySchema.migrations }

  let context: DeliveryContext
  private let speed: Double

  public init(_ host: Host) throws {
    speed = host.time.speed
    let settings = try DeliverySettings(host.settings)
    let bell = Bell()
    context = DeliveryContext(
      database: host.database, outbox: host.outbox, channels: host.channels, time: host.time, ids: host.ids, settings: settings,
      board: PositionBoard(
        bell: bell, staleAfterMilliseconds: settings.staleAfterMilliseconds,
        // One frame a second of the machine's, however fast the server's own time runs.
        followMilliseconds: Int(1000 * max(1, host.time.speed)), isShared: host.shared.places != nil),
      bell: bell, places: host.shared.places)
    host.shared.places?.listen { [board = context.board, time = context.time] in SightingExchange.take($0, board, now: time.now) }
  }

  public var operations: [any HostedOperation] {
    let context = context
    let city = GetCityHandler(context: context)
    return [
      Hosted(RegisterPartner.self) { try await RegisterPartnerHandler(context: context).answer($0) },
      Hosted(GetPartner.self) { try await GetPartnerHandler(context: context).answer($0) },
      Hosted(UpdatePartner.self) { try await UpdatePartnerHandler(context: context).answer($0) },
      Hosted(RecordPositions.self) { try await RecordPositionsHandler(context: context).answer($0) },
      Hosted(ListOffers.self) { try await ListOffersHandler(context: context).answer($0) },
      Hosted(AcceptOffer.self) { try await AcceptOfferHandler(context: context).answer($0) },
      Hosted(DeclineOffer.self) { try await DeclineOfferHandler(context: context).answer($0) },
      Hosted(ListDeliveries.self) { try await ListDeliveriesHandler(context: context).answer($0) },
      Hosted(GetDelivery.self) { try await GetDeliveryHandler(context: context).answer($0) },
      Hosted(UpdateDeliveryStatus.self) { try await UpdateDeliveryStatusHandler(context: context).answer($0) },
      Hosted(AssignDelivery.self) { try await AssignDeliveryHandler(context: context).answer($0) },
      Hosted(ListUnassigned.self) { try await ListUnassignedHandler(context: context).answer($0) },
      Hosted(ListPartners.self) { try await ListPartnersHandler(context: context).answer($0) },
      Hosted(GetTracking.self) { try await GetTrackingHandler(context: context).answer($0) },
      Hosted(ListEarnings.self) { try await ListEarningsHandler(context: context).answer($0) },
      Hosted(RateDelivery.self) { try await RateDeliveryHandler(context: context).answer($0) },
      Hosted(GetCity.self) { try await city.answer($0) }
    ]
  }

  public var reactions: [Reaction] { [WhenOrderMoved(context: context).reaction] + WhenPersonErased().reactions }

  public var jobs: [Job] {
    let dispatcher = Dispatcher(context: context)
    let watch = PartnerWatch(context: context)
    let context = context
    return [
      // Looks into memory only, unless the bell rang or a second passed.
      Job("dispatch", every: pause(.milliseconds(100), .milliseconds(10))) { try await dispatcher.runIfTime() },
      Job("silence", every: pause(.seconds(5), .milliseconds(50))) { try await watch.endSilent() },
      Job("places", every: .milliseconds(250) * speed, onEveryNode: true) {
        SightingExchange(context: context).tell()
        try await SightingExchange(context: context).meet()
      },
      Job("points", every: pause(.seconds(2), .milliseconds(200)), onEveryNode: true) { try await watch.writePoints() },
      Job("partners", every: pause(.seconds(60), .seconds(5)), onEveryNode: true) { try await watch.readPartners() },
      Job("forget-points", every: pause(.seconds(600), .seconds(10))) { try await watch.forgetPoints() }
    ]
  }

  /// The pause of a job: on a time that runs fast no shorter than `least` of the machine's.
  private func pause(_ usual: Duration, _ least: Duration) -> Duration { max(usual, least * speed) }

  public func recover() async throws {
    let watch = PartnerWatch(context: context)
    try await watch.readPartners()
    try await watch.readPlaces()
    context.bell.ringForPartner()
  }
}
