public import ServiceKit
public import Wire

/// Why the catalogue does not do what it was asked to.
public enum CatalogRefusal: String, WireEnum, Refusal {
  case tenantUnknown = "tenant_unknown"
  case restaurantUnknown = "restaurant_unknown"
  case categoryUnknown = "category_unknown"
  case itemUnknown = "item_unknown"
  /// The caller runs a tenant, or works for one, already.
  case hasTenant = "has_tenant"
  case categoryNotEmpty = "category_not_empty"
  /// The restaurant holds as many items or categories as one may.
  case menuFull = "menu_full"
  /// Somebody else changed it since it was read.
  case stale

  public var detail: String {
    switch self {
    case .tenantUnknown: "There is no such tenant."
    case .restaurantUnknown: "There is no such restaurant."
    case .categoryUnknown: "There is no such category."
    case .itemUnknown: "There is no such dish."
    case .hasTenant: "You run a tenant, or work for one, already."
    case .categoryNotEmpty: "The category still holds dishes; move or delete them first."
    case .menuFull: "The menu holds as much as one may."
    case .stale: "It was changed since you read it; read it again."
    }
  }

  public var kind: RefusalKind {
    switch self {
    case .tenantUnknown, .restaurantUnknown, .categoryUnknown, .itemUnknown: .hidden
    case .hasTenant, .categoryNotEmpty: .conflict
    case .menuFull: .ruled
    case .stale: .stale
    }
  }
}
