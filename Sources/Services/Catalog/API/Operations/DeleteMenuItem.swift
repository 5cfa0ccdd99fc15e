public import Kernel
public import ServiceKit
public import Wire

/// Takes a dish off the menu; orders that captured it keep it. Deleting it again changes nothing.
@Wire public struct DeleteMenuItem: Operation {
  public static let address = OperationAddress("catalog", "deleteMenuItem")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = CatalogRefusal

  public var menuItemId: MenuItemID
}
