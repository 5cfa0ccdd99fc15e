extension Texts {
  /// What is wrong with a field, whatever example or currency the server names in it; what the server says where nobody translated it.
  ///
  /// `must have at most 80 characters` is the message `shared.fault.must_have_at_most_n_characters`, with the number as `{{n}}`
  /// and a second one as `{{m}}`; examples after "such as" stay out of the key.
  public func fault(_ message: String) -> String {
    var words: [String] = []
    var numbers: [String] = []
    for word in Self.plain(message).split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "." && $0 != ":" }) {
      let trimmed = String(word.last.map { ".:".contains($0) } ?? false ? word.dropLast() : word)
      guard !trimmed.isEmpty else { continue }
      if trimmed.first?.isNumber ?? false {
        words.append("n")
        numbers.append(trimmed.hasSuffix(".0") ? String(trimmed.dropLast(2)) : trimmed)
      } else {
        words.append(trimmed.lowercased())
      }
    }
    let key = "shared.fault.\(words.joined(separator: "_"))"
    guard has(key) else { return message }
    return self(key, Dictionary(zip(["n", "m"], numbers)) { first, _ in first })
  }

  /// The message up to its example, or to the currency that it names last.
  private static func plain(_ message: String) -> String {
    let parts = message.split(separator: " ")
    let example = parts.indices.first { parts[$0] == "such" && parts[($0 + 1)...].first == "as" }
    if let example { return parts[..<example].joined(separator: " ") }
    if parts.count > 2, parts[parts.count - 2] == "in", parts[parts.count - 1].allSatisfy(\.isUppercase) {
      return parts.dropLast(2).joined(separator: " ")
    }
    return message
  }
}
