public import Kernel
public import ServiceKit
public import Wire

/// The caller's addresses, the default first, fifty at most.
@Wire public struct ListAddresses: Operation {
  public static let address = OperationAddress("identity", "listAddresses")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<SavedAddress>
}
