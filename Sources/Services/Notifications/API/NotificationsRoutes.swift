public import ServiceKit

/// Every URL of Notifications.
public let notificationsRoutes: [Route] = [
  Route(.get, "/api/notifications", ListNotifications.self),
  Route(.get, "/v1/notifications", ListNotifications.self),
  Route(.post, "/api/notifications/:notificationId/read", MarkNotificationRead.self),
  Route(.post, "/v1/notifications/:notificationId/read", MarkNotificationRead.self)
]
