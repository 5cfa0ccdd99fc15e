import Foundation
import Wire

/// The messages of one language by their keys, such as `customer.basket.title`; what stands in double braces is filled in.
public struct Texts: Sendable {
  public let language: Language
  private let messages: [String: String]
  private let fallback: [String: String]

  /// - Parameters:
  ///   - messages: those of the language.
  ///   - fallback: those of English, for what the language lacks.
  init(_ language: Language, _ messages: [String: String], fallback: [String: String]) {
    self.language = language
    self.messages = messages
    self.fallback = fallback
  }

  /// The message; the key where there is none.
  public subscript(_ key: String) -> String { find(key) ?? key }

  /// Whether there is such a message, for keys that are made of data.
  public func has(_ key: String) -> Bool { find(key) != nil }

  /// The message with its blanks filled in: `{{count}}` by the value of `count`.
  public func callAsFunction(_ key: String, _ values: [String: String]) -> String {
    var text = self[key]
    for (name, value) in values { text = text.replacing("{{\(name)}}", with: value) }
    return text
  }

  /// The form of the message that goes with the count, with `{{count}}` filled in: `customer.basket.items.one` and so on.
  public func counting(_ key: String, _ count: Int, _ values: [String: String] = [:]) -> String {
    let form = "\(key).\(language.pluralForm(of: count))"
    var values = values
    if values["count"] == nil { values["count"] = count.formatted(.number.locale(language.locale)) }
    return self(has(form) ? form : "\(key).other", values)
  }

  /// The messages whose keys begin so, for a script of the page.
  func beginning(with prefix: String) -> [String: String] { fallback.merging(messages) { $1 }.filter { $0.key.hasPrefix(prefix) } }

  private func find(_ key: String) -> String? { messages[key] ?? fallback[key] }
}

/// A JSON object of texts, as the files of messages are written.
struct TextTable: WireValue {
  var entries: [String: String]

  static func read(_ reader: inout JSONReader) -> TextTable? {
    guard reader.beginObject() else { return nil }
    var entries: [String: String] = [:]
    var first = true
    while let key = reader.nextKey(first: &first) {
      let name = key.text
      if let text = reader.text() { entries[name] = text }
    }
    return TextTable(entries: entries)
  }

  func write(to writer: inout JSONWriter) {
    writer.raw(0x7B)
    for (index, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { writer.raw(0x2C) }
      writer.string(entry.key)
      writer.raw(0x3A)
      writer.string(entry.value)
    }
    writer.raw(0x7D)
  }

  static var schema: Schema { Schema(.object([]), summary: "Texts by their keys.") }
}
