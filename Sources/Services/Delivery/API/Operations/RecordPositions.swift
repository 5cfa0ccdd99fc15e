public import Kernel
public import ServiceKit
public import Wire

/// Tells where the caller is and was: one position, or several with their own times after a dead zone.
///
/// Positions older than the last known one are passed over; a time ahead of the server's counts as now. Costs no database access.
@Wire public struct RecordPositions: Operation {
  public static let address = OperationAddress("delivery", "recordPositions")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = PositionsTaken
  public typealias Refusal = PartnerRefusal

  /// The delivery in whose path it was sent; the position is the partner's all the same.
  public var deliveryId: DeliveryID?
  /// Whose it is when the platform itself reports; must otherwise be absent or the caller.
  public var partnerId: UserID?
  @Field(.between(-90...90)) public var latitude: Double?
  @Field(.between(-180...180)) public var longitude: Double?
  public var recordedAt: Instant?
  @Field(.count(1...500)) public var positions: [Position]?
}

/// What became of the positions.
@Wire public struct PositionsTaken: Hashable, Sendable {
  public var accepted: Int
  /// Not newer than the last known one.
  public var ignored: Int
}
