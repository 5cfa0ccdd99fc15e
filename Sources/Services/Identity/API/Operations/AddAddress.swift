public import Kernel
public import ServiceKit
public import Wire

/// Keeps an address; the first one becomes the default.
@Wire public struct AddAddress: Operation {
  public static let address = OperationAddress("identity", "addAddress")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = SavedAddress
  public typealias Refusal = AddressRefusal

  @Field(.length(1...50)) public var label: String
  @Field(.length(1...300)) public var text: String
  public var point: GeoPoint
  @Field(.length(0...280)) public var instructions: String?
  public var isDefault: Bool = false
}
