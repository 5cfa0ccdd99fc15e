public import ServiceKit
public import Wire

/// Empties the caller's cart.
@Wire public struct ClearCart: Operation {
  public static let address = OperationAddress("ordering", "clearCart")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Cart
}
