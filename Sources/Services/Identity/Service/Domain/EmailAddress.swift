/// An e-mail address in the one form it is kept and compared in: without space around it, in lower case.
struct EmailAddress: Hashable, Sendable {
  let text: String

  /// Takes what a person typed; `nil` when no mail could reach it.
  init?(_ typed: String) {
    let trimmed = typed.drop { $0.isWhitespace }
    let end = trimmed.lastIndex { !$0.isWhitespace }
    guard let end else { return nil }
    let text = trimmed[...end].lowercased()
    guard text.utf8.count <= 254, !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) else { return nil }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, 1...64 ~= parts[0].utf8.count, !parts[0].hasPrefix("."), !parts[0].hasSuffix("."), !parts[0].contains("..") else {
      return nil
    }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.allSatisfy(Self.isLabel), labels.last?.allSatisfy(\.isNumber) == false else { return nil }
    guard parts[0].allSatisfy({ !"()<>[]:;,\\\"".contains($0) }) else { return nil }
    self.text = text
  }

  private static func isLabel(_ label: Substring) -> Bool {
    1...63 ~= label.utf8.count && label.first != "-" && label.last != "-" && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
  }
}
