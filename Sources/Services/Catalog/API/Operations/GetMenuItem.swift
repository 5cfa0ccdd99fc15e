public import Kernel
public import ServiceKit
public import Wire

/// One dish.
@Wire public struct GetMenuItem: Operation {
  public static let address = OperationAddress("catalog", "getMenuItem")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = MenuItem
  public typealias Refusal = CatalogRefusal

  public var menuItemId: MenuItemID
}
