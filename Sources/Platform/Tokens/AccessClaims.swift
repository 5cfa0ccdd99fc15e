public import JWTKit
public import Kernel
public import ServiceKit

/// What an access token says about who bears it.
public struct AccessClaims: JWTPayload, Hashable {
  public var sub: String
  public var roles: [String]
  public var tenant: String?
  public var sid: String
  /// Seconds since 1970.
  public var iat: Int
  /// Seconds since 1970.
  public var exp: Int

  enum CodingKeys: String, CodingKey {
    case sub, roles, sid, iat, exp
    case tenant = "tenant_id"
  }

  public init(user: UserID, roles: [Role], tenant: TenantID?, session: SessionID, issuedAt: Instant, expiresAt: Instant) {
    sub = user.description
    self.roles = roles.map(\.rawValue)
    self.tenant = tenant?.description
    sid = session.description
    iat = issuedAt.milliseconds / 1000
    exp = expiresAt.milliseconds / 1000
  }

  /// The signature is checked by the key ring, the time by whoever reads `expiresAt`, on the clock of the service.
  public func verify(using algorithm: some JWTAlgorithm) async throws {}

  public var expiresAt: Instant { Instant(milliseconds: exp * 1000) }

  /// Who bears the token; nobody when it names no user, or the platform itself.
  public var caller: Caller? {
    guard let user = UserID(sub), let session = SessionID(sid) else { return nil }
    let known = roles.compactMap(Role.init(rawValue:)).filter { $0 != .system }
    return Caller(user: user, tenant: tenant.flatMap(TenantID.init), roles: known, session: session)
  }
}
