import Foundation

/// Where a mail server listens and who we are to it: `smtp://user:password@mail.example.com:587`.
public struct SMTPAddress: Sendable, Hashable {
  /// Whether the connection begins with TLS (`smtps`); otherwise it turns to TLS when the server offers it.
  public let isSecure: Bool
  public let host: String
  public let port: Int
  public let user: String?
  public let password: String?

  /// `nil` when the text is no such address.
  public init?(_ text: String) {
    guard let mark = text.firstRange(of: "://") else { return nil }
    switch text[..<mark.lowerBound] {
    case "smtp": isSecure = false
    case "smtps": isSecure = true
    default: return nil
    }
    var rest = text[mark.upperBound...]
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if let at = rest.lastIndex(of: "@") {
      let proof = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard proof.count == 2, !proof[0].isEmpty else { return nil }
      user = Self.decoded(proof[0])
      password = Self.decoded(proof[1])
      rest = rest[rest.index(after: at)...]
    } else {
      user = nil
      password = nil
    }
    if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
      guard let number = Int(rest[rest.index(after: colon)...]), 1...65_535 ~= number else { return nil }
      port = number
      rest = rest[..<colon]
    } else {
      port = isSecure ? 465 : 587
    }
    guard !rest.isEmpty, !rest.contains(where: { "/?# ".contains($0) }) else { return nil }
    host = String(rest)
  }

  private static func decoded(_ text: Substring) -> String { text.removingPercentEncoding ?? String(text) }
}
