public import Kernel
public import ServiceKit
public import Wire

/// Changes what is named of a category and leaves the rest.
@Wire public struct UpdateCategory: Operation {
  public static let address = OperationAddress("catalog", "updateCategory")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = MenuCategory
  public typealias Refusal = CatalogRefusal

  public var categoryId: CategoryID
  /// The version that the change was made from, from `If-Match`.
  public var version: Int?
  @Field(.length(1...80)) public var name: String?
  @Field(.length(0...500)) public var description: String?
  @Field(.within(0...100_000)) public var sortOrder: Int?
}
