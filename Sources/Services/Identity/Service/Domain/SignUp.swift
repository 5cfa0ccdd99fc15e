import IdentityAPI
import Kernel
import ServiceKit
import Wire

/// What a person gave to open an account, made uniform.
struct SignUp: Hashable, Sendable {
  var email: EmailAddress
  var firstName: String?
  var lastName: String?
  var phone: String?
  var role: Role

  init(_ request: Register) throws(InvalidInput) {
    try self.init(
      email: request.email, firstName: request.firstName, lastName: request.lastName, phone: request.phone, password: request.password,
      role: request.role == .customer ? .customer : .deliveryPartner)
  }

  init(_ request: CreateAdmin) throws(InvalidInput) {
    try self.init(
      email: request.email, firstName: request.firstName, lastName: request.lastName, phone: nil, password: request.password,
      role: .superAdmin)
  }

  private init(email: String, firstName: String?, lastName: String?, phone: String?, password: String, role: Role) throws(InvalidInput) {
    var faults: [Fault] = []
    let address = EmailAddress(email)
    if address == nil { faults.append(Fault(path: "email", message: "must be an e-mail address such as ann@example.com")) }
    faults += PasswordRules.faults(of: password, path: "password")
    let number = phone.flatMap { $0.isEmpty ? nil : $0 }
    if let number, !Self.isPhone(number) { faults.append(Fault(path: "phone", message: "must be a phone number such as +1 212 555 0123")) }
    guard let address, faults.isEmpty else { throw InvalidInput(faults) }
    self.email = address
    self.firstName = firstName.flatMap(Self.name)
    self.lastName = lastName.flatMap(Self.name)
    self.phone = number.map { $0.filter { $0 == "+" || $0.isNumber } }
    self.role = role
  }

  /// The account that is opened with it.
  func account(_ id: UserID, at now: Instant) -> Account {
    Account(id: id, email: email.text, firstName: firstName, lastName: lastName, phone: phone, roles: [role], createdAt: now)
  }

  /// Digits, with the signs that people put between them.
  static func isPhone(_ text: String) -> Bool {
    let digits = text.utf8.count { 48...57 ~= $0 }
    return 6...15 ~= digits && text.utf8.enumerated().allSatisfy { 48...57 ~= $1 || ($1 == 0x2B && $0 == 0) || " -().".utf8.contains($1) }
  }

  static func name(_ text: String) -> String? {
    let trimmed = text.drop { $0.isWhitespace }
    return trimmed.lastIndex { !$0.isWhitespace }.map { String(trimmed[...$0]) }
  }
}
