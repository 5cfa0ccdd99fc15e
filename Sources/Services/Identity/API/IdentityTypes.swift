public import Kernel
public import ServiceKit
public import Wire

/// A person's account, as the person and other services see it.
@Wire public struct Account: Hashable, Sendable {
  public var id: UserID
  public var email: String
  public var firstName: String?
  public var lastName: String?
  public var phone: String?
  public var roles: [Role]
  /// The tenant whose staff the person is.
  public var tenantId: TenantID?
  public var createdAt: Instant
}

extension Account {
  /// What to call the person: the names, or the part of the e-mail before the @.
  public var displayName: String {
    let names = [firstName, lastName].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    return names.isEmpty ? String(email.prefix { $0 != "@" }) : names
  }
}

/// What a person holds after signing in.
@Wire public struct SignedIn: Hashable, Sendable {
  /// A JWT to send as `Authorization: Bearer`.
  public var accessToken: String
  /// Good for one refresh.
  public var refreshToken: String
  /// When the access token ends.
  public var expiresAt: Instant
  public var user: Account
}
