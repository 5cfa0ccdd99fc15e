public import DeliveryAPI
public import IdentityAPI
public import Kernel
public import NotificationsAPI
public import OrderingAPI
public import PaymentsAPI
public import ServiceKit
public import Wire

/// All that the platform holds about the caller, as one document; each service answers for its own.
@Wire public struct ExportMyData: Operation {
  public static let address = OperationAddress("gateway", "exportMyData")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = PersonalData
  public typealias Refusal = ReadMeRefusal
}

/// What is held about one person.
@Wire public struct PersonalData: Hashable, Sendable {
  public var exportedAt: Instant
  public var identity: AccountData
  public var orders: [Order]
  public var cart: Cart?
  public var payments: [PaymentView]
  public var notifications: [Notification]
  /// For who delivers.
  public var partner: Partner?
  public var deliveries: [Delivery]
  /// What has more rows than the document holds; the newest are in it, and the lists of the interface show all.
  public var shortened: [String]
}
