import Kernel

/// The four digits that prove that the right person got the food.
enum HandOverCode {
  static let allowedWrongTries = 5

  /// Four digits of a random number.
  static func make(from random: UInt64) -> String {
    let number = String(random % 10_000)
    return String(repeating: "0", count: 4 - number.count) + number
  }

  enum Verdict: Hashable { case right, needed, wrong, locked }

  /// Whether a code opens the hand-over; once locked, the right one does not either.
  ///
  /// - Parameter mayComplete: staff and administrators need no code.
  static func verdict(_ given: String?, of code: String, wrongTries: Int, mayComplete: Bool) -> Verdict {
    if mayComplete { return .right }
    if wrongTries >= allowedWrongTries { return .locked }
    guard let given else { return .needed }
    return given == code ? .right : .wrong
  }
}
