import Kernel
public import ServiceKit
public import Wire

/// Makes the caller's profile as a delivery partner; asking again changes vehicle and name.
@Wire public struct RegisterPartner: Operation {
  public static let address = OperationAddress("delivery", "registerPartner")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Partner

  public var vehicleType: VehicleType
  /// What customers are told; absent: `Courier`.
  @Field(.length(1...80)) public var name: String?
}
