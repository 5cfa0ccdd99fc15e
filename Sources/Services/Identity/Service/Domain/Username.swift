/// What staff sign in with, in the one form that it is kept and compared in.
struct Username: Hashable, Sendable {
  let text: String

  /// `nil` when it has other characters than letters, digits, `.`, `-` and `_`, or too few or many of them.
  init?(_ typed: String) {
    let text = typed.lowercased()
    guard 3...64 ~= text.utf8.count, text.utf8.allSatisfy({ 97...122 ~= $0 || 48...57 ~= $0 || [0x2D, 0x2E, 0x5F].contains($0) }) else {
      return nil
    }
    self.text = text
  }
}
