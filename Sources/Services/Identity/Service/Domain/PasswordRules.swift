import Wire

/// What a password has to be, beyond the length that its field tells.
enum PasswordRules {
  /// What is wrong with a password that bcrypt is to hash: what it would cut off, or stop at, must not look like a part of it.
  static func faults(of password: String, path: String) -> [Fault] {
    var faults: [Fault] = []
    if password.utf8.count > 72 { faults.append(Fault(path: path, message: "must have at most 72 bytes")) }
    if password.utf8.contains(0) { faults.append(Fault(path: path, message: "must not contain a zero character")) }
    return faults
  }

  static func require(_ password: String, path: String) throws(InvalidInput) {
    let faults = faults(of: password, path: path)
    if !faults.isEmpty { throw InvalidInput(faults) }
  }
}
