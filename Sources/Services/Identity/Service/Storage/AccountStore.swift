import IdentityAPI
import Kernel
import Persistence
import ServiceKit

/// The rows of people and what they act as.
struct AccountStore: Sendable {
  private static let columns = "id, email, first_name, last_name, phone, tenant_id, created_at"

  /// Adds an account with its first role; answers false, changing nothing, when the e-mail address has one already.
  func insert(_ id: UserID, _ signUp: SignUp, passwordHash: String, at now: Instant, in transaction: any Transaction) throws -> Bool {
    let count: Int = try transaction.run(
      """
      INSERT INTO identity_users (id, email, password_hash, first_name, last_name, phone, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (email) DO NOTHING
      """,
      .id(id), .text(signUp.email.text), .text(passwordHash), .optional(signUp.firstName), .optional(signUp.lastName),
      .optional(signUp.phone), .instant(now))
    guard count == 1 else { return false }
    try transaction.run("INSERT INTO identity_roles VALUES (?, ?, ?)", .id(id), .word(signUp.role), .instant(now))
    return true
  }

  /// The account of an e-mail address, with its password's hash.
  func find(_ email: EmailAddress, in transaction: any Transaction) throws -> (account: Account, passwordHash: String)? {
    let found = try transaction.first(
      "SELECT \(Self.columns), password_hash FROM identity_users WHERE email = ?", .text(email.text)
    ) { (try Self.account($0), $0.text(7)) }
    guard let found else { return nil }
    return (try withRoles([found.0], in: transaction)[0], found.1)
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

  private static func account(_ row: any Row) throws -> Account {
    Account(
      id: try row.id(0), email: row.text(1), firstName: row.optionalText(2), lastName: row.optionalText(3), phone: row.optionalText(4),
      roles: [], tenantId: try row.optionalID(5), createdAt: row.instant(6))
  }
}
