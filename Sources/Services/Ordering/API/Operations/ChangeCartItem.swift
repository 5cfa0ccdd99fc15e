public import CatalogAPI
public import ServiceKit
public import Wire

/// Changes a line of the caller's cart; a quantity of 0 takes it out.
@Wire public struct ChangeCartItem: Operation {
  public static let address = OperationAddress("ordering", "changeCartItem")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = Cart
  public typealias Refusal = OrderRefusal

  public var lineId: CartLineID
  @Field(.within(0...99)) public var quantity: Int?
  @Field(.count(0...30)) public var optionIds: [OptionID]?
  @Field(.length(0...280)) public var specialInstructions: String?
}
