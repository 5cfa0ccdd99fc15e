import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// Reads what was typed as what an operation needs, and notes what cannot be read under the name of its field.
struct TypedForm {
  let request: PageRequest
  private(set) var faults: [Fault] = []

  init(_ request: PageRequest) { self.request = request }

  private var form: Fields { request.form }

  mutating func note(_ name: String, _ message: String) { faults.append(Fault(path: name, message: message)) }

  /// What was typed; empty where nothing was, which is for the operation to judge.
  func text(_ name: String) -> String { form[name] ?? "" }
  func optional(_ name: String) -> String? { form[name] }
  func isTicked(_ name: String) -> Bool { form[name] != nil }

  /// What stands between commas.
  func list(_ name: String) -> [String] {
    (form[name] ?? "").split(whereSeparator: { $0 == "," || $0 == "،" || $0 == "\n" }).compactMap {
      let word = $0.drop(while: \.isWhitespace)
      let trimmed = word.lastIndex { !$0.isWhitespace }.map { word[...$0] } ?? ""
      return trimmed.isEmpty ? nil : String(trimmed)
    }
  }

  mutating func integer(_ name: String) -> Int? {
    guard let text = form[name] else { return nil }
    if let number = Int(text) { return number }
    note(name, "must be a whole number")
    return nil
  }

  mutating func amount(_ name: String) -> Amount? {
    guard form[name] != nil else { return nil }
    if let amount = form.amount(name) { return amount }
    note(name, "must be an amount such as 12.50")
    return nil
  }

  /// An amount that must not be missing.
  mutating func price(_ name: String) -> Amount {
    if form[name] == nil { note(name, "is required") }
    return amount(name) ?? Amount(units: 0)
  }

  mutating func number(_ name: String) -> Double? {
    guard form[name] != nil else { return nil }
    if let number = form.number(name), number.isFinite { return number }
    note(name, "must be a number")
    return nil
  }

  mutating func degrees(_ name: String) -> Double {
    if form[name] == nil { note(name, "is required") }
    return number(name) ?? 0
  }

  mutating func time(_ name: String) -> TimeOfDay { time(text(name), at: name) }

  /// - Parameter name: the field that the text stands in.
  mutating func time(_ text: String, at name: String) -> TimeOfDay {
    if let time = Self.time(text) { return time }
    note(name, text.isEmpty ? "is required" : "must be a time of day from 00:00 to 24:00")
    return TimeOfDay(minutes: 0)
  }

  /// `9:30` reads as `09:30` does.
  private static func time(_ text: String) -> TimeOfDay? {
    var text = text.count == 4 && text.dropFirst().first == ":" ? "0\(text)" : text
    if text.count == 8 { text = String(text.prefix(5)) }
    return text.withUTF8 { bytes in bytes.withMemoryRebound(to: UInt8.self) { TimeOfDay(utf8: $0) } }
  }

  /// - Parameter name: the field that the text stands in.
  mutating func date(_ text: String, at name: String) -> LocalDate? {
    guard !text.isEmpty else { return nil }
    var text = text
    if let date = text.withUTF8({ bytes in bytes.withMemoryRebound(to: UInt8.self) { LocalDate(utf8: $0) } }) { return date }
    note(name, "must be a date such as 2026-12-25")
    return nil
  }

  mutating func currency(_ name: String) -> Currency {
    if let currency = form[name].flatMap({ Currency(code: $0) }) { return currency }
    note(name, "must be an ISO 4217 currency such as USD")
    return .usd
  }

  /// Asks the operation, unless something cannot even be read; then also what the operation's own rules say is told.
  func send<O: Operation>(_ operation: O) async throws(Problem) -> O.Reply {
    guard faults.isEmpty else {
      var all = faults
      do throws(InvalidInput) { _ = try decode(O.self, from: encode(operation)) } catch {
        all += error.all.filter { fault in !all.contains { $0.path == fault.path } }
      }
      throw Problem(InvalidInput(all))
    }
    do { return try await request.call(operation) } catch { throw error.problem }
  }
}
