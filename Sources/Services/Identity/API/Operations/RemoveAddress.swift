public import Kernel
public import ServiceKit
public import Wire

/// Forgets an address; if it was the default, the oldest that is left becomes it.
@Wire public struct RemoveAddress: Operation {
  public static let address = OperationAddress("identity", "removeAddress")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Refusal = AddressRefusal

  public var addressId: AddressID
}
