import IdentityAPI
import Kernel
import Persistence
import ServiceKit

enum ConsentEntity {}
typealias ConsentID = Identifier<ConsentEntity>

/// What people have told of themselves: profiles, addresses, consents.
struct ProfileStore: Sendable {
  private static let columns = "id, label, body, latitude, longitude, instructions, is_default, created_at"

  func setProfile(_ account: Account, in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE identity_users SET first_name = ?, last_name = ?, phone = ?, photo_url = ? WHERE id = ?", .optional(account.firstName),
      .optional(account.lastName), .optional(account.phone), .optional(account.photoUrl), .id(account.id))
  }

  // MARK: Addresses

  func insert(_ address: SavedAddress, of user: UserID, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_addresses (\(Self.columns), user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", .id(address.id), .text(address.label),
      .text(address.text), .real(address.point.latitude), .real(address.point.longitude), .optional(address.instructions),
      .boolean(address.isDefault), .instant(address.createdAt), .id(user))
  }

  func addresses(of user: UserID, limit: Int, in transaction: any Transaction) throws -> [SavedAddress] {
    try transaction.all(
      "SELECT \(Self.columns) FROM identity_addresses WHERE user_id = ? ORDER BY is_default DESC, id LIMIT ?", .id(user), .integer(limit),
      as: Self.address)
  }

  func find(_ id: AddressID, of user: UserID, in transaction: any Transaction) throws -> SavedAddress? {
    try transaction.first(
      "SELECT \(Self.columns) FROM identity_addresses WHERE id = ? AND user_id = ?", .id(id), .id(user), as: Self.address)
  }

  func update(_ address: SavedAddress, in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE identity_addresses SET label = ?, body = ?, latitude = ?, longitude = ?, instructions = ?, is_default = ? WHERE id = ?",
      .text(address.label), .text(address.text), .real(address.point.latitude), .real(address.point.longitude),
      .optional(address.instructions), .boolean(address.isDefault), .id(address.id))
  }

  func remove(_ id: AddressID, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM identity_addresses WHERE id = ?", .id(id))
  }

  /// Leaves one address of a person, or the oldest where it is none of them, as the default.
  func setDefault(_ id: AddressID?, of user: UserID, in transaction: any Transaction) throws {
    try transaction.run(
      """
      UPDATE identity_addresses SET is_default =
        CASE WHEN id = COALESCE(?, (SELECT MIN(id) FROM identity_addresses WHERE user_id = ?)) THEN 1 ELSE 0 END
      WHERE user_id = ?
      """, .optional(id?.description), .id(user), .id(user))
  }

  private static func address(_ row: any Row) throws -> SavedAddress {
    SavedAddress(
      id: try row.id(0), label: row.text(1), text: row.text(2), point: GeoPoint(latitude: row.real(3), longitude: row.real(4)),
      instructions: row.optionalText(5), isDefault: row.boolean(6), createdAt: row.instant(7))
  }

  // MARK: Consents

  func insert(_ consent: Consent, _ id: ConsentID, of user: UserID, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_consents (id, user_id, purpose, is_given, at) VALUES (?, ?, ?, ?, ?)", .id(id), .id(user), .word(consent.purpose),
      .boolean(consent.isGiven), .instant(consent.at))
  }

  /// Every change of the last ones, the oldest first.
  func consents(of user: UserID, limit: Int, in transaction: any Transaction) throws -> [Consent] {
    try transaction.all(
      "SELECT purpose, is_given, at FROM identity_consents WHERE user_id = ? ORDER BY id DESC LIMIT ?", .id(user), .integer(limit)
    ) { Consent(purpose: try $0.word(0), isGiven: $0.boolean(1), at: $0.instant(2)) }.reversed()
  }

  func providers(of user: UserID, in transaction: any Transaction) throws -> [LinkedProvider] {
    try transaction.all(
      "SELECT issuer, linked_at FROM identity_external_accounts WHERE user_id = ? ORDER BY linked_at LIMIT 100", .id(user)
    ) { LinkedProvider(issuer: $0.text(0), linkedAt: $0.instant(1)) }
  }

  // MARK: Erasing

  /// Takes out who somebody was; the row stays, for what refers to it.
  func erase(_ user: UserID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      """
      UPDATE identity_users SET email = NULL, email_verified_at = NULL, username = NULL, password_hash = NULL, first_name = NULL, last_name = NULL,
        phone = NULL, photo_url = NULL, factor_secret = NULL, factor_offer = NULL, erased_at = ?, disabled_at = COALESCE(disabled_at, ?)
      WHERE id = ?
      """, .instant(now), .instant(now), .id(user))
    for table in [
      "DELETE FROM identity_addresses WHERE user_id = ?", "DELETE FROM identity_phones WHERE user_id = ?",
      "DELETE FROM identity_external_accounts WHERE user_id = ?", "DELETE FROM identity_recovery_codes WHERE user_id = ?",
      "DELETE FROM identity_resets WHERE user_id = ?", "DELETE FROM identity_roles WHERE user_id = ?",
      "UPDATE identity_sessions SET address = NULL, agent = NULL WHERE user_id = ?"
    ] { try transaction.run(table, .id(user)) }
  }
}
