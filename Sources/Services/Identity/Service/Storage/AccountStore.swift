import IdentityAPI
import Kernel
import Persistence
import ServiceKit

/// The rows of people and what they act as.
struct AccountStore: Sendable {
  /// An account with what proves that somebody is who owns it.
  struct Credentials: Sendable {
    var account: Account
    /// Absent for who never set a password.
    var passwordHash: String?
    var mustChangePassword: Bool
    var isDisabled: Bool
    /// Base32; absent without a second factor.
    var factorSecret: String?
    /// A secret that no code has confirmed yet.
    var factorOffer: String?
    /// The last step whose code was used.
    var factorStep: Int
  }

  private static let columns = "id, email, first_name, last_name, phone, tenant_id, created_at, username, photo_url"
  private static let secrets = "password_hash, must_change_password, disabled_at, factor_secret, factor_offer, factor_step"

  /// Adds an account with its first role; answers false, changing nothing, when its e-mail address or its name has one already.
  ///
  /// - Parameter isFirstPassword: whether somebody else chose the password.
  func insert(
    _ account: Account, passwordHash: String?, isFirstPassword: Bool = false, isEmailVerified: Bool = false, in transaction: any Transaction
  ) throws -> Bool {
    let count: Int = try transaction.run(
      """
      INSERT INTO identity_users (
        id, email, email_verified_at, username, tenant_id, password_hash, must_change_password, first_name, last_name, phone, photo_url, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """,
      .id(account.id), .optional(account.email), isEmailVerified ? .instant(account.createdAt) : nil, .optional(account.username),
      .id(account.tenantId), .optional(passwordHash), .boolean(isFirstPassword), .optional(account.firstName), .optional(account.lastName),
      .optional(account.phone), .optional(account.photoUrl), .instant(account.createdAt))
    guard count == 1 else { return false }
    for role in account.roles {
      try transaction.run("INSERT INTO identity_roles VALUES (?, ?, ?)", .id(account.id), .word(role), .instant(account.createdAt))
    }
    return true
  }

  // MARK: Finding

  func find(_ email: EmailAddress, in transaction: any Transaction) throws -> Credentials? {
    try credentials("email = ?", [.text(email.text)], in: transaction)
  }

  func find(_ username: Username, of tenant: TenantID, in transaction: any Transaction) throws -> Credentials? {
    try credentials("tenant_id = ? AND username = ?", [.id(tenant), .text(username.text)], in: transaction)
  }

  func credentials(of id: UserID, in transaction: any Transaction) throws -> Credentials? {
    try credentials("id = ? AND erased_at IS NULL", [.id(id)], in: transaction)
  }

  private func credentials(_ condition: String, _ arguments: [SQLValue], in transaction: any Transaction) throws -> Credentials? {
    let found = try transaction.all("SELECT \(Self.columns), \(Self.secrets) FROM identity_users WHERE \(condition)", arguments) { row in
      Credentials(
        account: try Self.account(row), passwordHash: row.optionalText(9), mustChangePassword: row.boolean(10), isDisabled: !row.isNull(11),
        factorSecret: row.optionalText(12), factorOffer: row.optionalText(13), factorStep: row.integer(14))
    }
    guard var first = found.first else { return nil }
    first.account = try withRoles([first.account], in: transaction)[0]
    return first
  }

  func find(_ id: UserID, in transaction: any Transaction) throws -> Account? {
    try find([id], in: transaction).first
  }

  /// The accounts that exist, in the order of their ids.
  func find(_ ids: [UserID], in transaction: any Transaction) throws -> [Account] {
    guard !ids.isEmpty else { return [] }
    let accounts = try transaction.all(
      "SELECT \(Self.columns) FROM identity_users WHERE id IN (\(transaction.marks(ids.count))) ORDER BY id", ids.map { SQLValue.id($0) },
      as: Self.account)
    return try withRoles(accounts, in: transaction)
  }

  /// The people that fit, the newest accounts first, after one.
  func list(
    email: EmailAddress?, user: UserID?, role: Role?, tenant: TenantID?, after: UserID?, limit: Int, in transaction: any Transaction
  ) throws -> [UserStanding] {
    var conditions = ["id < ?", "erased_at IS NULL"]
    var arguments: [SQLValue] = [.text(after?.description ?? "g")]
    if let email {
      conditions.append("email = ?")
      arguments.append(.text(email.text))
    }
    if let user {
      conditions.append("id = ?")
      arguments.append(.id(user))
    }
    if let tenant {
      conditions.append("tenant_id = ?")
      arguments.append(.id(tenant))
    }
    if let role {
      conditions.append("EXISTS (SELECT 1 FROM identity_roles WHERE user_id = identity_users.id AND role = ?)")
      arguments.append(.word(role))
    }
    let found = try transaction.all(
      "SELECT \(Self.columns), disabled_at FROM identity_users WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
      arguments + [.integer(limit)]
    ) { (try Self.account($0), !$0.isNull(9)) }
    return zip(try withRoles(found.map(\.0), in: transaction), found).map { UserStanding(user: $0, isDisabled: $1.1) }
  }

  // MARK: Roles

  /// What giving a role came to.
  enum Grant: Sendable { case given, had, userUnknown, otherTenant }

  /// Gives a role once; one of staff also makes the person belong to the tenant, unless another one has the person.
  func grant(_ role: Role, of tenant: TenantID?, to user: UserID, at now: Instant, in transaction: any Transaction) throws -> Grant {
    if let tenant {
      let joined: Int = try transaction.run(
        "UPDATE identity_users SET tenant_id = ? WHERE id = ? AND (tenant_id IS NULL OR tenant_id = ?)", .id(tenant), .id(user), .id(tenant))
      if joined == 0 { return try find(user, in: transaction) == nil ? .userUnknown : .otherTenant }
    } else if try find(user, in: transaction) == nil {
      return .userUnknown
    }
    let added: Int = try transaction.run(
      "INSERT INTO identity_roles (user_id, role, granted_at) VALUES (?, ?, ?) ON CONFLICT (user_id, role) DO NOTHING",
      .id(user), .word(role), .instant(now))
    return added == 1 ? .given : .had
  }

  /// Has a person act within the tenant as one role alone.
  func replaceStaffRoles(of user: UserID, with role: Role, at now: Instant, in transaction: any Transaction) throws {
    let staff = Role.staff.sorted()
    try transaction.run(
      "DELETE FROM identity_roles WHERE user_id = ? AND role IN (\(transaction.marks(staff.count)))", [.id(user)] + staff.map { .word($0) })
    try transaction.run("INSERT INTO identity_roles VALUES (?, ?, ?)", .id(user), .word(role), .instant(now))
  }

  private func withRoles(_ accounts: [Account], in transaction: any Transaction) throws -> [Account] {
    guard !accounts.isEmpty else { return [] }
    var roles: [UserID: [Role]] = [:]
    try transaction.rows(
      "SELECT user_id, role FROM identity_roles WHERE user_id IN (\(transaction.marks(accounts.count))) ORDER BY role",
      accounts.map { SQLValue.id($0.id) }
    ) { row in
      let id: UserID = try row.id(0)
      roles[id, default: []].append(try row.word(1))
    }
    return accounts.map { account in
      var account = account
      account.roles = roles[account.id] ?? []
      return account
    }
  }

  // MARK: Staff

  /// The staff of a tenant after a member, the oldest accounts first.
  func staff(of tenant: TenantID, after: UserID?, limit: Int, in transaction: any Transaction) throws -> [StaffMember] {
    try members("tenant_id = ? AND id > ?", [.id(tenant), .text(after?.description ?? "")], limit: limit, in: transaction)
  }

  func staff(_ user: UserID, of tenant: TenantID, in transaction: any Transaction) throws -> StaffMember? {
    try members("tenant_id = ? AND id = ?", [.id(tenant), .id(user)], limit: 1, in: transaction).first
  }

  private func members(_ condition: String, _ arguments: [SQLValue], limit: Int, in transaction: any Transaction) throws -> [StaffMember] {
    let found = try transaction.all(
      "SELECT \(Self.columns), \(Self.secrets) FROM identity_users WHERE \(condition) AND erased_at IS NULL ORDER BY id LIMIT ?",
      arguments + [.integer(limit)]
    ) { row in
      (try Self.account(row), row.boolean(10), !row.isNull(11), !row.isNull(12))
    }
    let accounts = try withRoles(found.map(\.0), in: transaction)
    return zip(accounts, found).compactMap { account, row in
      guard let tenant = account.tenantId else { return nil }
      return StaffMember(
        id: account.id, tenantId: tenant, username: account.username, email: account.email, firstName: account.firstName,
        lastName: account.lastName, roles: account.roles, isDisabled: row.2, mustChangePassword: row.1, hasSecondFactor: row.3,
        createdAt: account.createdAt)
    }
  }

  func setNames(of user: UserID, first: String?, last: String?, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET first_name = ?, last_name = ? WHERE id = ?", .optional(first), .optional(last), .id(user))
  }

  func isEmailVerified(_ user: UserID, in transaction: any Transaction) throws -> Bool {
    try transaction.first("SELECT email_verified_at FROM identity_users WHERE id = ?", .id(user)) { !$0.isNull(0) } ?? false
  }

  func setEmailVerified(_ user: UserID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET email_verified_at = ? WHERE id = ?", .instant(now), .id(user))
  }

  func setDisabled(_ user: UserID, since: Instant?, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET disabled_at = ? WHERE id = ?", .instant(since), .id(user))
  }

  static func account(_ row: any Row) throws -> Account {
    Account(
      id: try row.id(0), email: row.optionalText(1), username: row.optionalText(7), firstName: row.optionalText(2), lastName: row.optionalText(3),
      phone: row.optionalText(4), photoUrl: row.optionalText(8), roles: [], tenantId: try row.optionalID(5), createdAt: row.instant(6))
  }
}
