public import Kernel
public import ServiceKit
public import Wire

/// What a dish has cost, the latest price first, for its own tenant.
@Wire public struct ListItemPrices: Operation {
  public static let address = OperationAddress("catalog", "listItemPrices")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<PriceChange>
  public typealias Refusal = CatalogRefusal

  public var menuItemId: MenuItemID
  @Field(.within(1...100)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
