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

  public var kind: RefusalKind {
    switch self {
    case .tenantUnknown, .restaurantUnknown, .categoryUnknown, .itemUnknown: .hidden
    case .hasTenant, .categoryNotEmpty: .conflict
    case .menuFull: .ruled
    case .stale: .stale
    }
  }
}
