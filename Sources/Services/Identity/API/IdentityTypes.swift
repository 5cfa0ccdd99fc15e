public import Kernel
public import ServiceKit
public import Wire

/// A person's account, as the person and other services see it.
@Wire public struct Account: Hashable, Sendable {
  public var id: UserID
  /// Absent for who signs in by phone, or as staff by a name.
  public var email: String?
  /// What staff sign in with, within their tenant.
  public var username: String?
  public var firstName: String?
  public var lastName: String?
  public var phone: String?
  public var photoUrl: String?
  public var roles: [Role]
  /// The tenant whose staff the person is.
  public var tenantId: TenantID?
  public var createdAt: Instant
}

extension Account {
  /// What to call the person: the names, or what the person signs in with, without what is after the @.
  public var displayName: String {
    let names = [firstName, lastName].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    guard names.isEmpty else { return names }
    return username ?? email.map { String($0.prefix { $0 != "@" }) } ?? phone.map { "…" + $0.suffix(4) } ?? "?"
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

/// By what a person proved who they are.
public enum SignInWay: String, WireEnum, Hashable {
  case password, phone, google, oidc
}
