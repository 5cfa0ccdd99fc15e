public import Hosting
import IdentityAPI
import Kernel
public import Messaging
import Passwords
public import Persistence
public import ServiceKit
import Settings
import Tokens

/// Who people are, what they may act as, and the sessions they act in.
public final class IdentityModule: ServiceModule {
  public static let name = "identity"
  public static let routes = identityRoutes
  public static let migrations = identityMigrations

  private let host: Host
  private let passwords: PasswordHasher
  private let cookies = SessionCookie()
  private let ring = TokenRing()
  private let keeper: KeyKeeper
  private let opener: SessionOpener
  private let sessions: SessionAuthenticator

  public init(_ host: Host) throws {
    let settings = host.settings
    let terms = SessionTerms(
      accessToken: try settings.duration("identity.accessTokenMinutes", default: 15, within: 1...527_040, "How long an access token lives."),
      refreshToken: try settings.duration("identity.refreshTokenDays", default: 7, within: 1...366, "How long a refresh token lives unused."),
      cookie: try settings.duration("identity.cookieHours", default: 24, within: 1...8784, "How long a browser's session lasts."),
      staffSession: try settings.duration("identity.staffSessionHours", default: 8, within: 1...8784, "How long a session of staff lasts."))
    passwords = PasswordHasher(
      cost: try settings.integer("identity.passwordCost", default: 10, within: 4...16, "bcrypt's rounds, as a power of two."),
      atOnce: try settings.integer("identity.passwordsAtOnce", default: 2, within: 1...256, "How many passwords are hashed at the same time."),
      waiting: try settings.integer("identity.passwordsWaiting", default: 256, within: 0...100_000, "How many sign-ins may wait for that."))
    let rotation = try settings.duration("identity.keyRotationDays", default: 90, within: 1...3660, "How old a signing key gets.")
    self.host = host
    sessions = SessionAuthenticator(database: host.database, time: host.time, ring: ring, shared: host.shared)
    keeper = KeyKeeper(
      database: host.database, time: host.time, ids: host.ids, ring: ring, rotation: rotation, tokenLifetime: terms.accessToken)
    opener = SessionOpener(terms: terms, time: host.time, ids: host.ids, ring: ring, authenticator: sessions, cookies: cookies)
  }

  /// Finds out who sends a request.
  public var authenticator: any Authenticating { sessions }

  public var operations: [any HostedOperation] {
    let database = host.database
    return [
      Hosted(Register.self, RegisterHandler(database: database, outbox: host.outbox, ids: host.ids, passwords: passwords, opener: opener).answer),
      Hosted(LogIn.self, LogInHandler(database: database, passwords: passwords, opener: opener).answer),
      Hosted(RefreshSession.self, RefreshSessionHandler(database: database, outbox: host.outbox, opener: opener).answer),
      Hosted(
        LogOut.self,
        LogOutHandler(database: database, outbox: host.outbox, time: host.time, authenticator: sessions, cookies: cookies).answer),
      Hosted(IdentifyCaller.self, IdentifyCallerHandler(authenticator: sessions).answer),
      Hosted(ReadMe.self, ReadMeHandler(database: database).answer),
      Hosted(FindUsers.self, FindUsersHandler(database: database).answer),
      Hosted(GrantRole.self, GrantRoleHandler(database: database, outbox: host.outbox, time: host.time, authenticator: sessions).answer),
      Hosted(CreateAdmin.self, CreateAdminHandler(database: database, time: host.time, ids: host.ids, passwords: passwords).answer),
      Hosted(ReadSigningKeys.self, ReadSigningKeysHandler(ring: ring).answer)
    ]
  }

  public var reactions: [Reaction] {
    [
      .onEveryNode("WhenSessionRevoked", SessionRevoked.self) { [sessions] event, _ in sessions.note(event.sessionId, isLive: false) },
      .onEveryNode("WhenRoleGranted", RoleGranted.self) { [sessions] _, _ in sessions.forgetRoles() }
    ]
  }

  public var jobs: [Job] {
    [
      Job("identity.keys", every: .seconds(60), onEveryNode: true, run: keeper.refresh),
      Job("identity.sweep", every: .seconds(3600)) { [host] in
        // A day's grace keeps the reuse of a token that ended lately recognisable.
        let limit = host.time.now - .seconds(86_400)
        try await host.database.write { try SessionStore().sweep(endedBefore: limit, in: $0) }
      }
    ]
  }

  public func recover() async throws { try await keeper.refresh() }
}
