public import Kernel
public import ServiceKit
public import Wire

/// Changes what is named of a dish and leaves the rest; option groups are replaced whole.
@Wire public struct UpdateMenuItem: Operation {
  public static let address = OperationAddress("catalog", "updateMenuItem")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = MenuItem
  public typealias Refusal = CatalogRefusal

  public var menuItemId: MenuItemID
  /// The version that the change was made from, from `If-Match`.
  public var version: Int?
  public var categoryId: CategoryID?
  @Field(.length(1...120)) public var name: String?
  public var price: Amount?
  @Field(.length(0...1000)) public var description: String?
  @Field(.length(0...500)) public var imageUrl: String?
  @Field(.length(0...40)) public var taxClass: String?
  /// True also ends `unavailableUntil`.
  public var isAvailable: Bool?
  public var unavailableUntil: Instant?
  @Field(.within(0...100_000)) public var sortOrder: Int?
  @Field(.count(0...20)) public var optionGroups: [OptionGroupDraft]?
}
