import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Wire

/// Answers `CreateStaff`, `ListStaff`, `UpdateStaff` and `ResetStaffPassword`.
struct StaffHandlers: Sendable {
  let context: IdentityContext

  func answer(_ request: CreateStaff) async throws -> NewStaffMember {
    try requireTenant(request.tenantId)
    guard StaffRules.mayManage(request.role, Caller.current) else { throw StaffRefusal.aboveCaller }
    var faults: [Fault] = []
    let username = Username(request.username)
    if username == nil { faults.append(Fault(path: "username", message: "must have letters, digits, '.', '-' and '_' only")) }
    let email = request.email.flatMap { $0.isEmpty ? nil : $0 }.map { EmailAddress($0) }
    if case .some(.none) = email { faults.append(Fault(path: "email", message: "must be an e-mail address such as ann@example.com")) }
    let password = request.password ?? context.ids.word(12)
    faults += PasswordRules.faults(of: password, path: "password")
    guard let username, faults.isEmpty else { throw InvalidInput(faults) }
    let context = context
    let hash = try await context.hash(password)
    let account = Account(
      id: context.ids.next(), email: email??.text, username: username.text, firstName: request.firstName.flatMap(SignUp.name),
      lastName: request.lastName.flatMap(SignUp.name), roles: [request.role.role], tenantId: request.tenantId, createdAt: context.time.now)
    let entry = context.entry(.staffCreated, about: account.id, of: request.tenantId, after: request.role.rawValue)
    let member = try await context.database.write { transaction -> StaffMember in
      guard try context.accounts.insert(account, passwordHash: hash, isFirstPassword: true, in: transaction) else {
        if let address = email ?? nil, try context.accounts.find(address, in: transaction) != nil { throw StaffRefusal.emailTaken }
        throw StaffRefusal.usernameTaken
      }
      try context.audit.insert(entry, in: transaction)
      try context.outbox.publish(RoleGranted(userId: account.id, role: request.role.role, tenantId: request.tenantId), in: transaction)
      guard let member = try context.accounts.staff(account.id, of: request.tenantId, in: transaction) else { throw StaffRefusal.userUnknown }
      return member
    }
    return NewStaffMember(member: member, firstPassword: password)
  }

  func answer(_ request: ListStaff) async throws -> Page<StaffMember> {
    try requireTenant(request.tenantId)
    let after = try request.cursor.map { try cursor($0, UserID.self) }
    let found = try await context.database.read { [context] in
      try context.accounts.staff(of: request.tenantId, after: after, limit: request.limit + 1, in: $0)
    }
    return Page(found, upTo: request.limit, cursor: \.id.description)
  }

  func answer(_ request: UpdateStaff) async throws -> StaffMember {
    try requireTenant(request.tenantId)
    let context = context
    let caller = Caller.current
    let now = context.time.now
    let entry = context.entry(.staffChanged, about: request.userId, of: request.tenantId)
    let (member, ended) = try await context.database.write { transaction -> (StaffMember, [SessionID]) in
      let old = try requireManageable(request.userId, request.tenantId, by: caller, in: transaction)
      if let role = request.role, !StaffRules.mayManage(role, caller) { throw StaffRefusal.aboveCaller }
      let isDemoted = request.role.map { !old.roles.contains($0.role) } ?? false
      if old.id == caller.user, isDemoted || request.isDisabled == true { throw StaffRefusal.isSelf }
      if let role = request.role, isDemoted {
        try context.accounts.replaceStaffRoles(of: old.id, with: role.role, at: now, in: transaction)
        try context.outbox.publish(RoleGranted(userId: old.id, role: role.role, tenantId: request.tenantId), in: transaction)
      }
      if let isDisabled = request.isDisabled, isDisabled != old.isDisabled {
        try context.accounts.setDisabled(old.id, since: isDisabled ? now : nil, in: transaction)
      }
      if request.firstName != nil || request.lastName != nil {
        try context.accounts.setNames(
          of: old.id, first: request.firstName.map { SignUp.name($0) } ?? old.firstName,
          last: request.lastName.map { SignUp.name($0) } ?? old.lastName,
          in: transaction)
      }
      guard let new = try context.accounts.staff(old.id, of: request.tenantId, in: transaction) else { throw StaffRefusal.userUnknown }
      guard new != old else { return (new, []) }
      var entry = entry
      (entry.before, entry.after) = (old.standing, new.standing)
      try context.audit.insert(entry, in: transaction)
      // A token carries the roles of its time: what changed them ends it.
      let isMoved = new.roles != old.roles || (new.isDisabled && !old.isDisabled)
      return (new, isMoved ? try context.endSessions(of: old.id, at: now, in: transaction) : [])
    }
    await context.tellEnded(ended)
    if !ended.isEmpty { await context.authenticator.rolesChanged(of: request.userId) }
    return member
  }

  func answer(_ request: ResetStaffPassword) async throws -> NewStaffMember {
    try requireTenant(request.tenantId)
    let context = context
    let caller = Caller.current
    let password = request.password ?? context.ids.word(12)
    try PasswordRules.require(password, path: "password")
    let hash = try await context.hash(password)
    let now = context.time.now
    let entry = context.entry(.staffPasswordReset, about: request.userId, of: request.tenantId)
    let (member, ended) = try await context.database.write { transaction -> (StaffMember, [SessionID]) in
      let old = try requireManageable(request.userId, request.tenantId, by: caller, in: transaction)
      if old.id == caller.user { throw StaffRefusal.isSelf }
      try context.secrets.setPassword(hash, of: old.id, isFirst: true, in: transaction)
      try context.secrets.dropFactor(of: old.id, in: transaction)
      try context.audit.insert(entry, in: transaction)
      let ended = try context.endSessions(of: old.id, at: now, in: transaction)
      guard let new = try context.accounts.staff(old.id, of: request.tenantId, in: transaction) else { throw StaffRefusal.userUnknown }
      return (new, ended)
    }
    await context.tellEnded(ended)
    return NewStaffMember(member: member, firstPassword: password)
  }

  /// The member, if the caller may change them.
  private func requireManageable(
    _ user: UserID, _ tenant: TenantID, by caller: Caller, in transaction: any Transaction
  ) throws -> StaffMember {
    guard let member = try context.accounts.staff(user, of: tenant, in: transaction) else { throw StaffRefusal.userUnknown }
    guard StaffRules.mayManage(member.roles, caller) || member.id == caller.user else { throw StaffRefusal.aboveCaller }
    return member
  }

  private func requireTenant(_ tenant: TenantID) throws {
    guard Caller.current.actsFor(tenant) else { throw Denial.forbidden }
  }
}

extension StaffMember {
  /// What the record says of it.
  fileprivate var standing: String { roles.map(\.rawValue).joined(separator: ",") + (isDisabled ? " disabled" : "") }
}

/// The id that a cursor names.
func cursor<Entity>(_ text: String, _: Identifier<Entity>.Type) throws(InvalidInput) -> Identifier<Entity> {
  guard let id = Identifier<Entity>(text) else { throw InvalidInput([Fault(path: "cursor", message: "is not one that a list gave")]) }
  return id
}
