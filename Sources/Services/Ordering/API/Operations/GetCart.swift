public import ServiceKit
public import Wire

/// The caller's cart: a signed-in person's, or that of the browser that sends `X-Cart-Key`; both become one at sign-in.
@Wire public struct GetCart: Operation {
  public static let address = OperationAddress("ordering", "getCart")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Cart
}
