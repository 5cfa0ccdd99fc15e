public import ServiceKit
public import Wire

/// Ends the session; its tokens are worth nothing at once.
@Wire public struct LogOut: Operation {
  public static let address = OperationAddress("identity", "logOut")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
}
