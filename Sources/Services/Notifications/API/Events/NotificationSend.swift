public import Kernel
public import ServiceKit
public import Wire

/// A notification is to be sent over the channels beyond the platform: push, e-mail, text message.
@Wire public struct NotificationSend: Event {
  public static let name = "notification.send"
  public static let topic = Topic.notifications
  public var notification: Notification
  /// Whom it is for, if it is one person.
  public var userId: UserID?

  public var tenant: TenantID? { notification.tenantId }
  public var aggregate: String {
    userId.map { "notifications:user:\($0)" } ?? "notifications:tenant:\(notification.tenantId.map(\.description) ?? "")"
  }
}
