import CatalogAPI
import IdentityAPI
import Kernel
import ServiceKit
import Wire

/// A restaurant as the second cache level keeps it.
@Wire struct KeptRestaurant: Sendable {
  var id: RestaurantID
  var tenantId: TenantID
  var version: Int
  var isActive: Bool
  var createdAt: Instant
  var updatedAt: Instant
  var details: RestaurantDetails
  var ratingSum: Int = 0
  var ratingCount: Int = 0
  var waitingSince: Instant?
  var approvedAt: Instant?
  var approvalNote: String?

  init(_ record: RestaurantRecord) {
    self.init(
      id: record.id, tenantId: record.tenantID, version: record.version, isActive: record.isActive, createdAt: record.createdAt,
      updatedAt: record.updatedAt, details: record.details, ratingSum: record.ratings.sum, ratingCount: record.ratings.count,
      waitingSince: record.approval.waitingSince, approvedAt: record.approval.approvedAt, approvalNote: record.approval.note)
  }

  var bytes: [UInt8] { encode(self) }

  /// The restaurant, unless another version of the program wrote it in another form.
  static func read(_ bytes: [UInt8], at now: Instant) -> WarmRestaurant? {
    guard let kept = try? decode(KeptRestaurant.self, from: bytes) else { return nil }
    return WarmRestaurant(
      RestaurantRecord(
        id: kept.id, tenantID: kept.tenantId, version: kept.version, isActive: kept.isActive, createdAt: kept.createdAt,
        updatedAt: kept.updatedAt, details: kept.details, ratings: Ratings(sum: kept.ratingSum, count: kept.ratingCount),
        approval: Approval(waitingSince: kept.waitingSince, approvedAt: kept.approvedAt, note: kept.approvalNote)), at: now)
  }
}

/// A menu as the second cache level keeps it.
@Wire struct KeptMenu: Sendable {
  var currency: Currency
  var categories: [MenuCategory]
  var items: [MenuItem]

  init(_ menu: WarmMenu) { self.init(currency: menu.currency, categories: menu.categories, items: menu.items) }

  var bytes: [UInt8] { encode(self) }

  /// The menu, unless another version of the program wrote it in another form.
  static func read(_ bytes: [UInt8], of restaurant: RestaurantID) -> WarmMenu? {
    guard let kept = try? decode(KeptMenu.self, from: bytes) else { return nil }
    return WarmMenu(restaurant, currency: kept.currency, categories: kept.categories, items: kept.items)
  }
}
