public import Kernel
public import ServiceKit
public import Wire

/// What the caller was told, the newest first; staff also see what their tenant was told.
@Wire public struct ListNotifications: Operation {
  public static let address = OperationAddress("notifications", "listNotifications")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<Notification>

  /// Only what nobody has read yet.
  public var unread: Bool = false
  @Field(.within(1...200)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
