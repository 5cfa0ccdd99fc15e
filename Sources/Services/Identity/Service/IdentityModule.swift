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
  private let cookies = SessionCookie()
  private let ring = TokenRing()
  private let keeper: KeyKeeper
  private let sessions: SessionAuthenticator
  private let context: IdentityContext
  private let external: ExternalDesk

  public init(_ host: Host) throws {
    let settings = host.settings
    let terms = SessionTerms(
      accessToken: try settings.duration("identity.accessTokenMinutes", default: 15, within: 1...527_040, "How long an access token lives."),
      refreshToken: try settings.duration("identity.refreshTokenDays", default: 7, within: 1...366, "How long a refresh token lives unused."),
      cookie: try settings.duration("identity.cookieHours", default: 24, within: 1...8784, "How long a browser's session lasts."),
      staffSession: try settings.duration("identity.staffSessionHours", default: 8, within: 1...8784, "How long a session of staff lasts."))
    let passwords = PasswordHasher(
      cost: try settings.integer("identity.passwordCost", default: 10, within: 4...16, "bcrypt's rounds, as a power of two."),
      atOnce: try settings.integer("identity.passwordsAtOnce", default: 2, within: 1...256, "How many passwords are hashed at the same time."),
      waiting: try settings.integer("identity.passwordsWaiting", default: 256, within: 0...100_000, "How many sign-ins may wait for that."))
    let rotation = try settings.duration("identity.keyRotationDays", default: 90, within: 1...3660, "How old a signing key gets.")
    self.host = host
    sessions = SessionAuthenticator(database: host.database, time: host.time, ring: ring, shared: host.shared)
    keeper = KeyKeeper(
      database: host.database, time: host.time, ids: host.ids, ring: ring, rotation: rotation, tokenLifetime: terms.accessToken)
    external = try LetterSettings.external(host)
    context = IdentityContext(
      database: host.database, outbox: host.outbox, time: host.time, ids: host.ids, passwords: passwords,
      opener: SessionOpener(terms: terms, time: host.time, ids: host.ids, ring: ring, authenticator: sessions, cookies: cookies),
      authenticator: sessions, letters: try LetterSettings.desk(host), rules: try LetterSettings.rules(host.settings))
  }

  /// Finds out who sends a request.
  public var authenticator: any Authenticating { sessions }

  public var operations: [any HostedOperation] {
    let context = context
    let factors = SecondFactorHandlers(context: context)
    let staff = StaffHandlers(context: context)
    let keys = ApiKeyHandlers(context: context)
    let own = SessionHandlers(context: context, cookies: cookies)
    let audit = AuditHandlers(context: context)
    let profiles = ProfileHandlers(context: context)
    let places = AddressHandlers(context: context)
    let person = PersonDataHandlers(context: context, cookies: cookies)
    let outside = ExternalSignInHandlers(context: context, desk: external)
    let users = UserHandlers(context: context)
    let sessionsOfOthers = UserSessionHandlers(context: context)
    return [
      Hosted(Register.self, RegisterHandler(context: context).answer),
      Hosted(LogIn.self, LogInHandler(context: context).answer),
      Hosted(RefreshSession.self, RefreshSessionHandler(context: context).answer),
      Hosted(LogOut.self, LogOutHandler(context: context, cookies: cookies).answer),
      Hosted(IdentifyCaller.self, IdentifyCallerHandler(authenticator: sessions).answer),
      Hosted(ReadMe.self, ReadMeHandler(database: host.database).answer),
      Hosted(FindUsers.self, FindUsersHandler(database: host.database).answer),
      Hosted(GrantRole.self, GrantRoleHandler(context: context).answer),
      Hosted(CreateAdmin.self, CreateAdminHandler(context: context).answer),
      Hosted(ReadSigningKeys.self, ReadSigningKeysHandler(ring: ring).answer),
      Hosted(RequestCode.self, RequestCodeHandler(context: context).answer),
      Hosted(VerifyCode.self, VerifyCodeHandler(context: context).answer),
      Hosted(LogInStaff.self) { try await LogInStaffHandler(context: context).answer($0) },
      Hosted(ReplaceFirstPassword.self) { try await LogInStaffHandler(context: context).answer($0) },
      Hosted(ChangePassword.self, ChangePasswordHandler(context: context).answer),
      Hosted(RequestPasswordReset.self, RequestPasswordResetHandler(context: context).answer),
      Hosted(ResetPassword.self, ResetPasswordHandler(context: context).answer),
      Hosted(BeginSecondFactor.self) { try await factors.answer($0) },
      Hosted(ConfirmSecondFactor.self) { try await factors.answer($0) },
      Hosted(DropSecondFactor.self) { try await factors.answer($0) },
      Hosted(CreateStaff.self) { try await staff.answer($0) },
      Hosted(ListStaff.self) { try await staff.answer($0) },
      Hosted(UpdateStaff.self) { try await staff.answer($0) },
      Hosted(ResetStaffPassword.self) { try await staff.answer($0) },
      Hosted(ReadSafeguards.self) { try await factors.answer($0) },
      Hosted(ListSignInProviders.self) { try await outside.answer($0) },
      Hosted(BeginExternalSignIn.self) { try await outside.answer($0) },
      Hosted(FinishExternalSignIn.self) { try await outside.answer($0) },
      Hosted(CreateApiKey.self) { try await keys.answer($0) },
      Hosted(ListApiKeys.self) { try await keys.answer($0) },
      Hosted(RevokeApiKey.self) { try await keys.answer($0) },
      Hosted(ListSessions.self) { try await own.answer($0) },
      Hosted(EndSession.self) { try await own.answer($0) },
      Hosted(EndSessions.self) { try await own.answer($0) },
      Hosted(ListAudit.self) { try await audit.answer($0) },
      Hosted(ExportAudit.self) { try await audit.answer($0) },
      Hosted(ListUsers.self) { try await users.answer($0) },
      Hosted(UpdateUserStatus.self) { try await users.answer($0) },
      Hosted(ListUserSessions.self) { try await sessionsOfOthers.answer($0) },
      Hosted(EndUserSessions.self) { try await sessionsOfOthers.answer($0) },
      Hosted(UpdateProfile.self) { try await profiles.answer($0) },
      Hosted(ReadConsents.self) { try await profiles.answer($0) },
      Hosted(ChangeConsent.self) { try await profiles.answer($0) },
      Hosted(ListAddresses.self) { try await places.answer($0) },
      Hosted(AddAddress.self) { try await places.answer($0) },
      Hosted(UpdateAddress.self) { try await places.answer($0) },
      Hosted(RemoveAddress.self) { try await places.answer($0) },
      Hosted(ExportAccount.self) { try await person.answer($0) },
      Hosted(EraseMe.self) { try await person.answer($0) }
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
      Job("identity.letters", every: .seconds(1 * host.time.speed), onEveryNode: true, run: context.letters.round),
      Job("identity.keyUses", every: .seconds(5 * host.time.speed), onEveryNode: true, run: sessions.noteUses),
      Job("identity.keys", every: .seconds(60), onEveryNode: true, run: keeper.refresh),
      Job("identity.sweep", every: .seconds(3600)) { [host] in
        // A day's grace keeps the reuse of a token that ended lately recognisable.
        let limit = host.time.now - .seconds(86_400)
        try await host.database.write { transaction in
          try SessionStore().sweep(endedBefore: limit, in: transaction)
          try SecretStore().sweep(before: limit, in: transaction)
        }
      }
    ]
  }

  public func recover() async throws { try await keeper.refresh() }

  /// Reads anew who is signed in: the end of a session may have been missed.
  public func mayHaveMissed() { sessions.forgetAll() }
}
