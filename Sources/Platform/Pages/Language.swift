public import Foundation

/// A language that pages are written in.
public enum Language: String, CaseIterable, Hashable, Sendable {
  case english = "en"
  case spanish = "es"
  case french = "fr"
  case german = "de"
  case hindi = "hi"
  case arabic = "ar"

  /// What the language calls itself.
  public var ownName: String {
    switch self {
    case .english: "English"
    case .spanish: "Español"
    case .french: "Français"
    case .german: "Deutsch"
    case .hindi: "हिन्दी"
    case .arabic: "العربية"
    }
  }

  public var isRightToLeft: Bool { self == .arabic }
  /// How numbers, money and times are written.
  public var locale: Locale { Locale(identifier: rawValue) }

  /// The first of the languages that a browser asks for which there is (RFC 9110, section 12.5.4); English where there is none.
  public init(accepting header: String?) {
    let wishes = (header ?? "").split(separator: ",").prefix(20).enumerated().map { at, part -> (tag: Substring, weight: Double, at: Int) in
      let fields = part.split(separator: ";")
      let weight = fields.dropFirst().compactMap { field -> Double? in
        let pair = field.split(separator: "=")
        return pair.count == 2 && pair[0].filter({ $0 != " " }) == "q" ? Double(pair[1].filter { $0 != " " }) : nil
      }.first
      return ((fields.first ?? "").drop { $0 == " " }, weight ?? 1, at)
    }
    let found = wishes.filter { $0.weight > 0 }.sorted { ($1.weight, $0.at) < ($0.weight, $1.at) }.lazy.compactMap { wish in
      Language(rawValue: wish.tag.prefix { $0 != "-" && $0 != " " }.lowercased())
    }.first
    self = found ?? .english
  }

  /// Which form of a message goes with a count, by the plural rules of the Unicode CLDR: `one`, `few`, `other` ...
  func pluralForm(of count: Int) -> String {
    switch self {
    case .english, .spanish, .german: return count == 1 ? "one" : "other"
    case .french, .hindi: return count == 0 || count == 1 ? "one" : "other"
    case .arabic:
      switch count {
      case 0: return "zero"
      case 1: return "one"
      case 2: return "two"
      default:
        switch count % 100 {
        case 3...10: return "few"
        case 11...99: return "many"
        default: return "other"
        }
      }
    }
  }

  /// Every form that a message with a count has.
  public var pluralForms: [String] {
    self == .arabic ? ["zero", "one", "two", "few", "many", "other"] : ["one", "other"]
  }
}
