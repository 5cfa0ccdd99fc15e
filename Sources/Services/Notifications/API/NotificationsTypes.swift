public import Kernel
public import ServiceKit
public import Wire

public enum NotificationEntity {}
public typealias NotificationID = Identifier<NotificationEntity>

/// How much a notification presses.
public enum NotificationUrgency: String, WireEnum, Hashable {
  case info
  /// Somebody has to do something.
  case action
}

/// One thing a person, or the staff of a tenant, was told; also the data of the frame `notification`.
@Wire public struct Notification: Hashable, Sendable {
  public var id: NotificationID
  /// The stable name of what it says, such as `order_confirmed`; title and text say it in English.
  public var kind: String
  public var title: String
  public var text: String
  public var urgency: NotificationUrgency
  /// What it is about, such as `order:0191…`.
  public var about: String?
  /// The order it belongs to, for a link.
  public var orderId: String?
  /// The staff of which tenant it is for; absent when it is for one person.
  public var tenantId: TenantID?
  public var createdAt: Instant
  public var readAt: Instant?
}
