public import Kernel
public import ServiceKit
public import Wire

/// Notifications are to be sent over the channels beyond the platform: push, e-mail, text message.
///
/// All that people are told of one thing that happened goes in one event.
@Wire public struct NotificationSend: Event {
  public static let name = "notification.send"
  public static let topic = Topic.notifications
  public var notification: Notification
  /// Whom it is for, if it is one person.
  public var userId: UserID?
  /// What others are told of the same.
  public var others: [Other] = []

  @Wire public struct Other: Hashable, Sendable {
    public var notification: Notification
    public var userId: UserID?
  }

  public var tenant: TenantID? { notification.tenantId ?? others.lazy.compactMap(\.notification.tenantId).first }
  public var aggregate: String { "notifications:\(notification.about ?? notification.id.description)" }
}
