public import Hosting
import Kernel
public import Messaging
import NotificationsAPI
public import Persistence
public import ServiceKit
import Settings

/// Tells people what happened: a list to look at, frames for open pages, and senders to devices beyond.
public struct NotificationsModule: ServiceModule {
  public static let name = "notifications"
  public static var routes: [Route] { notificationsRoutes }
  public static var migrations: [Migration] { NotificationsSchema.migrations }

  private let host: Host
  private let keep: Int
  private let keepDays: Int
  private let sender: LogSender

  public init(_ host: Host) throws {
    self.host = host
    keep = try host.settings.integer("notifications.keepPerAudience", default: 500, within: 10...100_000, "Notifications kept for a person or tenant")
    keepDays = try host.settings.integer("notifications.keepDays", default: 30, within: 1...3650, "How long notifications are kept")
    sender = LogSender()
  }

  public var operations: [any HostedOperation] {
    let database = host.database, time = host.time
    return [
      Hosted(ListNotifications.self) { try await ListNotificationsHandler(database: database).answer($0) },
      Hosted(MarkNotificationRead.self) { try await MarkNotificationReadHandler(database: database, time: time).answer($0) }
    ]
  }

  public var reactions: [Reaction] {
    let tellings = WhenSomethingHappened(outbox: host.outbox, channels: host.channels, time: host.time, ids: host.ids).reactions
    return tellings + [WhenPersonErased().reaction] + (sender.isUsed ? [sending] : [])
  }

  /// The log needs no memory of what it was told; a sender to a provider hears this with `.calling`, which the inbox makes sure of.
  private var sending: Reaction {
    let sender = sender
    return .onEveryNode("WhenNotificationSend", NotificationSend.self) { event, _ in
      sender.send(event.notification, to: event.userId)
      for other in event.others { sender.send(other.notification, to: other.userId) }
    }
  }

  public var jobs: [Job] {
    let host = host, keep = keep, keepDays = keepDays
    return [
      Job("forget-notifications", every: .seconds(900)) {
        let before = Instant(milliseconds: host.time.now.milliseconds - keepDays * 86_400_000)
        while try await host.database.write({ try NotificationStore(transaction: $0).forget(before: before, limit: 2000) }) == 2000 {}
        while try await host.database.write({ try NotificationStore(transaction: $0).forget(beyond: keep, limit: 2000) }) == 2000 {}
      }
    ]
  }
}
