import Foundation
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// What the pages of the app have in common.
extension PageRequest {
  /// A page of the app.
  ///
  /// - Parameters:
  ///   - place: which entry of the menu leads here.
  ///   - problem: what was wrong with the form that was sent.
  func admin(_ template: String, at place: String, failing problem: Problem? = nil, _ fields: [String: Any]) throws(Problem) -> WebResponse {
    var fields = fields
    fields["at"] = [place: true]
    fields["isSuper"] = caller.has(.superAdmin)
    if let done = query["done"], texts.has("admin.done.\(done)") { fields["done"] = texts["admin.done.\(done)"] }
    if let problem, fields["problem"] == nil { fields["problem"] = sentence(of: problem) }
    return try page("admin/\(template)", status: problem?.status ?? 200, fields)
  }

  /// A moment: in UTC until a script shows it on the reader's own clock.
  func moment(_ instant: Instant) -> [String: Any] {
    ["iso": instant.description, "text": "\(formats.dayAndTime(instant, in: "UTC")) UTC", "clock": formats.time(instant, in: "UTC")]
  }

  /// The message for a word of the interface, such as a status; the word itself where there is none.
  func word(_ prefix: String, _ word: String) -> String { texts.has("\(prefix)\(word)") ? texts["\(prefix)\(word)"] : word.replacing("_", with: " ") }

  /// What a field with few values offers.
  func choices<Choice: WireEnum>(_ all: [Choice], chosen: Choice?, _ prefix: String) -> [[String: Any]] {
    all.map { ["value": $0.rawValue, "word": word(prefix, $0.rawValue), "isChosen": $0.rawValue == chosen?.rawValue] }
  }

  /// The links below a list.
  ///
  /// - Parameter filters: what else the list was asked for.
  func pager(_ path: String, _ filters: [(String, String?)], next cursor: String?) -> [String: Any] {
    var pager: [String: Any] = [:]
    if let cursor { pager["next"] = address(path, filters + [("cursor", cursor)]) }
    if query["cursor"] != nil { pager["first"] = address(path, filters) }
    return pager.isEmpty ? [:] : ["pager": pager]
  }

  /// A path with a query; what is absent is left out.
  func address(_ path: String, _ query: [(String, String?)]) -> String {
    let parts = query.compactMap { name, value -> String? in
      guard let value, !value.isEmpty else { return nil }
      return "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    }
    return parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
  }

  /// A filter of the query that must be an id; what is none finds nothing, so it is told of instead.
  func filter<Entity>(_ name: String, _ type: Identifier<Entity>.Type = Identifier<Entity>.self) throws(Problem) -> Identifier<Entity>? {
    guard let text = query[name] else { return nil }
    guard let id = Identifier<Entity>(text) else {
      throw Problem(400, "invalid_input", "Some fields are not valid.", faults: [Fault(path: name, message: texts["admin.idWrong"])])
    }
    return id
  }

  /// Asks for a list by what a form of filters says.
  ///
  /// - Returns: what was found, or what was wrong with the filters.
  func list<Item: WireValue>(_ ask: () async throws -> Page<Item>) async throws -> (found: Page<Item>, problem: Problem?) {
    var problem: Problem
    do { return (try await ask(), nil) } catch let failure as any ProblemMaking { problem = failure.problem } catch let failure as Problem {
      problem = failure
    }
    guard !problem.faults.isEmpty else { throw problem }
    return (Page(items: []), problem)
  }
}

/// The end of an id, short enough to be said aloud.
func shortened(_ id: Identifier<some Any>) -> String { String(id.description.suffix(6)).uppercased() }
