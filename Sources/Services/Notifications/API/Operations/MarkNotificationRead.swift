public import Kernel
public import ServiceKit
public import Wire

/// Notes that a notification was read; reading it again changes nothing.
@Wire public struct MarkNotificationRead: Operation {
  public static let address = OperationAddress("notifications", "markNotificationRead")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Notification
  public typealias Refusal = MarkNotificationReadRefusal

  public var notificationId: NotificationID
}

/// Why a notification is not marked as read.
public enum MarkNotificationReadRefusal: String, WireEnum, Refusal {
  case notificationUnknown = "notification_unknown"
  public var kind: RefusalKind { .hidden }
}
