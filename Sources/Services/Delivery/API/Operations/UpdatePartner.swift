import Kernel
public import ServiceKit
public import Wire

/// Goes online or offline, or changes vehicle or name.
///
/// Going offline with an open offer declines it; during a delivery it takes effect when the delivery ends.
@Wire public struct UpdatePartner: Operation {
  public static let address = OperationAddress("delivery", "updatePartner")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Partner
  public typealias Refusal = PartnerRefusal

  public var status: PartnerStatus?
  public var vehicleType: VehicleType?
  @Field(.length(1...80)) public var name: String?
}
