public import Kernel
public import ServiceKit
public import Wire

/// The people of the installation, the newest accounts first.
@Wire public struct ListUsers: Operation {
  public static let address = OperationAddress("identity", "listUsers")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<UserStanding>

  /// The whole address.
  @Field(.length(0...254)) public var email: String?
  /// One person, who is the only item then.
  public var userId: UserID?
  public var role: Role?
  public var tenantId: TenantID?
  public var cursor: String?
  @Field(.within(1...100)) public var limit: Int = 50
}

/// An account, and whether it may be used.
@Wire public struct UserStanding: Hashable, Sendable {
  public var user: Account
  public var isDisabled: Bool
}
