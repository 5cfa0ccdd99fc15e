import IdentityAPI
import Messaging
import NotificationsAPI
import Persistence

/// Forgets what a person was told.
struct WhenPersonErased: Sendable {
  var reaction: Reaction {
    .inTransaction("WhenPersonErased", PersonErased.self) { event, _, transaction in
      try NotificationStore(transaction: transaction).forget(all: .user(event.userId))
    }
  }
}
