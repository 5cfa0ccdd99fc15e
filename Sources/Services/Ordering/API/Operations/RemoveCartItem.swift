public import ServiceKit
public import Wire

/// Takes a line out of the caller's cart.
@Wire public struct RemoveCartItem: Operation {
  public static let address = OperationAddress("ordering", "removeCartItem")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = Cart
  public typealias Refusal = OrderRefusal

  public var lineId: CartLineID
}
