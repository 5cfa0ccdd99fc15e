import CatalogAPI
import Kernel
import ServiceKit
import Wire

/// What is kept of a restaurant.
struct RestaurantRecord: Hashable, Sendable {
  var id: RestaurantID
  var tenantID: TenantID
  var version: Int
  var isActive: Bool
  var createdAt: Instant
  var updatedAt: Instant
  var details: RestaurantDetails
  var ratings = Ratings()
  var approval = Approval()

  /// Whether it is on the platform: shown, and to be ordered from within its hours.
  var isListed: Bool { isActive && approval.isGiven }
}

/// The stars that guests gave.
struct Ratings: Hashable, Sendable {
  var sum = 0
  var count = 0

  /// To the hundredth; nothing before the first.
  var mean: Double? { count == 0 ? nil : (Double(sum) / Double(count) * 100).rounded() / 100 }
}

/// The part of a restaurant that its managers set; kept as one JSON text.
@Wire struct RestaurantDetails: Hashable, Sendable {
  var name: String
  var description: String?
  var phone: String?
  var priceLevel: Int?
  var imageUrl: String?
  var cuisineTypes: [String]
  var address: String
  var point: GeoPoint
  var timeZone: String
  var currency: Currency
  var openingHours: OpeningHours
  var closures: [ClosurePeriod]
  var minimumOrder: Amount
  var preparationMinutes: Int
  var pausedUntil: Instant?
  var deliveryRadiusMeters: Int
  var acceptsDelivery: Bool
  var acceptsPickup: Bool
  var acceptsDineIn: Bool
  var taxRules: [TaxRule]
  var deliveryFee: DeliveryFeeRule?
}

extension RestaurantRecord {
  var schedule: Schedule {
    // A zone is checked before it is kept; one that a later system no longer knows reads as UTC rather than not at all.
    Schedule(
      hours: details.openingHours, closures: details.closures, pausedUntil: details.pausedUntil, isActive: isListed,
      zone: Zone.named(details.timeZone) ?? .utc)
  }

  var terms: RestaurantTerms {
    RestaurantTerms(
      restaurantId: id, tenantId: tenantID, name: details.name, currency: details.currency, timeZone: details.timeZone,
      address: details.address, point: details.point, preparationMinutes: details.preparationMinutes, minimumOrder: details.minimumOrder,
      acceptsDelivery: details.acceptsDelivery, acceptsPickup: details.acceptsPickup, deliveryRadiusMeters: details.deliveryRadiusMeters,
      taxRules: details.taxRules, deliveryFee: details.deliveryFee)
  }

  func view(_ state: OpenState) -> Restaurant {
    Restaurant(
      id: id, tenantId: tenantID, version: version, name: details.name, description: details.description, phone: details.phone,
      priceLevel: details.priceLevel, imageUrl: details.imageUrl, cuisineTypes: details.cuisineTypes, address: details.address,
      point: details.point, timeZone: details.timeZone, currency: details.currency, openingHours: details.openingHours,
      closures: details.closures, minimumOrder: details.minimumOrder, preparationMinutes: details.preparationMinutes,
      pausedUntil: details.pausedUntil, deliveryRadiusMeters: details.deliveryRadiusMeters, acceptsDelivery: details.acceptsDelivery,
      acceptsPickup: details.acceptsPickup, acceptsDineIn: details.acceptsDineIn, taxRules: details.taxRules,
      deliveryFee: details.deliveryFee, rating: ratings.mean, ratingCount: ratings.count, isActive: isActive,
      isApproved: approval.isGiven, approvedAt: approval.approvedAt, isOpen: state.isOpen, opensAt: state.opensAt, closesAt: state.closesAt,
      createdAt: createdAt, updatedAt: updatedAt)
  }

  /// - Parameter isForManagers: whether it is shown to those who run it, or the platform.
  func summary(_ state: OpenState, distanceMeters: Int? = nil, isForManagers: Bool = false) -> RestaurantSummary {
    RestaurantSummary(
      id: id, tenantId: tenantID, version: version, name: details.name, description: details.description, priceLevel: details.priceLevel,
      imageUrl: details.imageUrl, cuisineTypes: details.cuisineTypes, address: details.address, point: details.point,
      timeZone: details.timeZone, currency: details.currency, minimumOrder: details.minimumOrder,
      preparationMinutes: details.preparationMinutes, deliveryRadiusMeters: details.deliveryRadiusMeters,
      acceptsDelivery: details.acceptsDelivery, acceptsPickup: details.acceptsPickup, rating: ratings.mean,
      ratingCount: ratings.count, isActive: isActive, isApproved: approval.isGiven, approvedAt: approval.approvedAt,
      approvalNote: isForManagers ? approval.note : nil, isOpen: state.isOpen, opensAt: state.opensAt, closesAt: state.closesAt,
      distanceMeters: distanceMeters)
  }
}

extension RestaurantDetails {
  init(_ request: CreateRestaurant) {
    self.init(
      name: request.name, description: request.description?.nonEmpty, phone: request.phone?.nonEmpty, priceLevel: request.priceLevel,
      imageUrl: request.imageUrl?.nonEmpty, cuisineTypes: request.cuisineTypes.map { $0.lowercased() }, address: request.address,
      point: request.point, timeZone: request.timeZone, currency: request.currency, openingHours: request.openingHours,
      closures: request.closures, minimumOrder: request.minimumOrder ?? Money.zero(request.currency).amount,
      preparationMinutes: request.preparationMinutes, deliveryRadiusMeters: request.deliveryRadiusMeters,
      acceptsDelivery: request.acceptsDelivery, acceptsPickup: request.acceptsPickup, acceptsDineIn: request.acceptsDineIn,
      taxRules: request.taxRules, deliveryFee: request.deliveryFee)
  }

  /// The details with what the request names put in place.
  func changed(by request: UpdateRestaurant) -> RestaurantDetails {
    var changed = self
    if let name = request.name { changed.name = name }
    if let description = request.description { changed.description = description.nonEmpty }
    if let phone = request.phone { changed.phone = phone.nonEmpty }
    if let priceLevel = request.priceLevel { changed.priceLevel = priceLevel }
    if let imageUrl = request.imageUrl { changed.imageUrl = imageUrl.nonEmpty }
    if let cuisineTypes = request.cuisineTypes { changed.cuisineTypes = cuisineTypes.map { $0.lowercased() } }
    if let address = request.address { changed.address = address }
    if let point = request.point { changed.point = point }
    if let timeZone = request.timeZone { changed.timeZone = timeZone }
    if let openingHours = request.openingHours { changed.openingHours = openingHours }
    if let closures = request.closures { changed.closures = closures }
    if let minimumOrder = request.minimumOrder { changed.minimumOrder = minimumOrder }
    if let preparationMinutes = request.preparationMinutes { changed.preparationMinutes = preparationMinutes }
    if let pausedUntil = request.pausedUntil { changed.pausedUntil = pausedUntil }
    if request.isPaused == false { changed.pausedUntil = nil }
    if let radius = request.deliveryRadiusMeters { changed.deliveryRadiusMeters = radius }
    if let acceptsDelivery = request.acceptsDelivery { changed.acceptsDelivery = acceptsDelivery }
    if let acceptsPickup = request.acceptsPickup { changed.acceptsPickup = acceptsPickup }
    if let acceptsDineIn = request.acceptsDineIn { changed.acceptsDineIn = acceptsDineIn }
    if let taxRules = request.taxRules { changed.taxRules = taxRules }
    if let deliveryFee = request.deliveryFee { changed.deliveryFee = deliveryFee }
    if request.hasOwnDeliveryFee == false { changed.deliveryFee = nil }
    return changed
  }
}

extension String {
  /// Nothing where the text is empty: that is how a caller empties a field.
  var nonEmpty: String? { isEmpty ? nil : self }
}
