import Foundation

/// What somebody looks for: words that must all be found, wherever they stand, in capitals or not, with their accents or without.
struct SearchWords: Hashable, Sendable {
  let words: [String]

  /// Nothing where no word is left.
  init?(_ text: String?) {
    words = Self.folded(text ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    if words.isEmpty { return nil }
  }

  /// The same words always read the same.
  var text: String { words.joined(separator: " ") }

  /// The words as SQL's LIKE finds them anywhere, with `!` before what would mean something there.
  var patterns: [String] {
    words.map { word in
      let plain = ["!", "%", "_"].reduce(word) { $0.replacing($1, with: "!\($1)") }
      return "%\(plain)%"
    }
  }

  /// A text as it is compared.
  static func folded(_ text: String) -> String {
    text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
  }
}
