import Kernel
import NotificationsAPI
import Observability
import ServiceKit

/// A way to people beyond the platform: push, e-mail or text message.
protocol NotificationSender: Sendable {
  /// Whether it would do anything; one that would not needs no event to be written, carried and removed.
  var isUsed: Bool { get }

  /// Sends once more than once rather than never: whoever implements it must bear repetition by the notification's id.
  func send(_ notification: Notification, to user: UserID?) async throws
}

/// Writes to the log what would be sent; texts stay out of it, for they name people.
struct LogSender: NotificationSender {
  private static let log = Log("notifications")
  var isUsed: Bool { Log.writes(.debug) }

  func send(_ notification: Notification, to user: UserID?) {
    Self.log.debug("notification sent", ["id": notification.id, "kind": notification.kind])
  }
}
