import Kernel
import Wire

// What the bots send and read: as much of each resource as they use, as any client of the public interface would declare it.

@Wire struct Credentials {
  var email: String
  var password: String
}

@Wire struct Registration {
  var email: String
  var password: String
  var firstName: String
  var lastName: String
  var role: String
}

@Wire struct RefreshRequest { var refreshToken: String }

@Wire struct SessionAnswer {
  var accessToken: String
  var refreshToken: String
  var expiresAt: Instant
  var user: DemoUser
}

@Wire struct DemoUser {
  var id: String
  var tenantId: String?
}

@Wire struct Named { var name: String }
@Wire struct Identified { var id: String }

@Wire struct NewRestaurant {
  var name: String
  var address: String
  var point: GeoPoint
  var timeZone: String
  var currency: String
  var cuisineTypes: [String]
  var openingHours: DemoWeek
  var minimumOrder: Amount
  var preparationMinutes: Int
  var deliveryRadiusMeters: Int
  var taxRules: [DemoTax]
}

@Wire struct DemoTax {
  var name: String
  var ratePercent: Amount
  var isIncluded: Bool
}

@Wire struct DemoHours {
  var opens: String
  var closes: String
}

@Wire struct DemoWeek {
  var monday: [DemoHours]
  var tuesday: [DemoHours]
  var wednesday: [DemoHours]
  var thursday: [DemoHours]
  var friday: [DemoHours]
  var saturday: [DemoHours]
  var sunday: [DemoHours]
}

@Wire struct NewCategory {
  var restaurantId: String
  var name: String
  var sortOrder: Int
}

@Wire struct NewItems {
  var restaurantId: String
  var items: [NewItem]
}

@Wire struct NewItem {
  var categoryId: String
  var name: String
  var price: Amount
  var description: String
  var sortOrder: Int
  var optionGroups: [NewOptionGroup]
}

@Wire struct NewOptionGroup {
  var name: String
  var minimum: Int
  var maximum: Int
  var options: [NewOption]
}

@Wire struct NewOption {
  var name: String
  var price: Amount
}

@Wire struct DemoRestaurant {
  var id: String
  var name: String
  var point: GeoPoint?
}

@Wire struct DemoMenu { var categories: [DemoCategory] = [] }

@Wire struct DemoCategory {
  var id: String
  var name: String
  var items: [DemoItem] = []
}

@Wire struct DemoItem {
  var id: String
  var isAvailable: Bool = true
  var optionGroups: [DemoOptionGroup] = []
}

@Wire struct DemoOptionGroup {
  var minimum: Int
  var maximum: Int
  var options: [Identified]
}

@Wire struct DemoWanted {
  var menuItemId: String
  var quantity: Int
  var optionIds: [String]
  var specialInstructions: String?
}

@Wire struct DemoAddress {
  var text: String
  var point: GeoPoint
  var instructions: String?
}

@Wire struct DemoPayment {
  var method: String
  var cardToken: String?
}

@Wire struct NewOrder {
  var restaurantId: String
  var items: [DemoWanted]
  var fulfilment: String
  var deliveryAddress: DemoAddress?
  var payment: DemoPayment
  var tip: Amount?
}

@Wire struct DemoOrder {
  var id: String
  var status: String
  var fulfilment: String?
}

@Wire struct StatusChange { var status: String }
@Wire struct Reason { var reason: String }

@Wire struct OrderFrame {
  var orderId: String
  var status: String
}

@Wire struct NewPartner {
  var vehicleType: String
  var name: String
}

@Wire struct OfferFrame {
  var offerId: String
  var deliveryId: String
  var orderId: String
}

@Wire struct DemoDelivery {
  var id: String
  var orderId: String
  var status: String
  var restaurantPoint: GeoPoint
  /// Hidden once the delivery has ended.
  var customerPoint: GeoPoint?
}

@Wire struct DeliveryChange {
  var status: String
  var handOverCode: String?
  var reason: String?
}

@Wire struct DemoTracking {
  var status: String
  var handOverCode: String?
}

@Wire struct PositionMessage {
  var type: String
  var data: GeoPoint
}
