public import Kernel
public import ServiceKit
public import Wire

/// Switches a dish off, for good or until a moment, and on again: what whoever stands in the kitchen may change of it.
@Wire public struct SetItemAvailability: Operation {
  public static let address = OperationAddress("catalog", "setItemAvailability")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = MenuItem
  public typealias Refusal = CatalogRefusal

  public var menuItemId: MenuItemID
  /// The version that the change was made from, from `If-Match`.
  public var version: Int?
  /// True also ends `unavailableUntil`; one of the two must be there.
  public var isAvailable: Bool?
  public var unavailableUntil: Instant?
}
