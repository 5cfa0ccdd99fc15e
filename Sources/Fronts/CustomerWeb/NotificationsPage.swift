import CatalogAPI
import Kernel
import NotificationsAPI
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// What somebody was told.
struct NotificationsPage: Sendable {
  let request: PageRequest

  func answer() async throws -> WebResponse {
    async let basket = request.basketIfReached()
    let page = try await request.call(ListNotifications(limit: 30, cursor: request.query["cursor"]))
    return try request.framed(
      "customer/notifications", tab: .orders, basket: await basket,
      [
        "notifications": page.items.map { notification in
          view([
            "notificationId": notification.id.description, "title": notification.title, "text": notification.text,
            "isNew": notification.readAt == nil, "href": notification.orderId.map { "/orders/\($0)" },
            "instant": notification.createdAt.description, "at": request.formats.dayAndTime(notification.createdAt, in: "UTC")
          ])
        },
        "isNothing": page.items.isEmpty, "more": page.nextCursor.map { "/notifications?cursor=\($0)" }
      ])
  }

  func read() async throws -> WebResponse {
    _ = try await request.call(MarkNotificationRead(notificationId: try request.id("notificationId", NotificationID.self)))
    return request.redirect(to: request.next(or: "/notifications"))
  }
}
