import Kernel
import NotificationsAPI
import Persistence
import ServiceKit
import Wire

struct ListNotificationsHandler {
  let database: any Database

  func answer(_ request: ListNotifications) async throws -> Page<Notification> {
    let audiences = Caller.current.audiences
    var cursor: NotificationID?
    if let text = request.cursor {
      guard let id = NotificationID(text) else { throw InvalidInput([Fault(path: "cursor", message: "is not one that a list gave")]) }
      cursor = id
    }
    let after = cursor
    let found = try await database.readStale { transaction in
      try NotificationStore(transaction: transaction).list(of: audiences, unread: request.unread, after: after, limit: request.limit + 1)
    }
    return Page(found, upTo: request.limit, cursor: \.id.description)
  }
}

struct MarkNotificationReadHandler {
  let database: any Database
  let time: TimeSource

  func answer(_ request: MarkNotificationRead) async throws -> Notification {
    let audiences = Caller.current.audiences
    let now = time.now
    let read = try await database.write { try NotificationStore(transaction: $0).read(request.notificationId, of: audiences, at: now) }
    guard let read else { throw MarkNotificationReadRefusal.notificationUnknown }
    return read
  }
}

extension Caller {
  /// Whose notifications the caller sees: their own, and as staff those of the tenant.
  var audiences: [Audience] {
    var audiences: [Audience] = user.map { [.user($0)] } ?? []
    if let tenant, hasAny(of: Role.staff) { audiences.append(.tenant(tenant)) }
    return audiences
  }
}
