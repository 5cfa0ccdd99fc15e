public import Kernel
public import ServiceKit
public import Wire

/// Changes an address; what is left out stays.
@Wire public struct UpdateAddress: Operation {
  public static let address = OperationAddress("identity", "updateAddress")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = SavedAddress
  public typealias Refusal = AddressRefusal

  public var addressId: AddressID
  @Field(.length(1...50)) public var label: String?
  @Field(.length(1...300)) public var text: String?
  public var point: GeoPoint?
  @Field(.length(0...280)) public var instructions: String?
  /// True makes it the default; another one takes it away.
  public var isDefault: Bool?
}
