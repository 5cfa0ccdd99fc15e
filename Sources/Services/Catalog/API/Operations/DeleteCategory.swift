public import Kernel
public import ServiceKit
public import Wire

/// Takes an empty category off the menu; deleting it again changes nothing.
@Wire public struct DeleteCategory: Operation {
  public static let address = OperationAddress("catalog", "deleteCategory")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = CatalogRefusal

  public var categoryId: CategoryID
}
