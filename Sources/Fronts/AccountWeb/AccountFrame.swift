import Pages
import ServiceKit
import WebServer
import Wire

/// The pages of an account that are reached from each other.
enum Tab: String, CaseIterable {
  case profile, addresses, security, sessions, privacy

  var path: String { self == .profile ? "/account" : "/account/\(rawValue)" }
}

extension PageRequest {
  /// A page in the frame of this app.
  func framed(_ template: String, status: Int = 200, tab: Tab? = nil, _ fields: [String: Any?] = [:]) throws(Problem) -> WebResponse {
    // What is missing hides its section, and lets no outer value show through.
    var all = fields.mapValues { $0 ?? false }
    let destination = destination
    all["app"] = destination.rawValue
    all["home"] = destination.home
    all["homeName"] = texts["account.home.\(destination.rawValue)"]
    all["isSignedIn"] = caller.user != nil
    all["tabs"] = Tab.allCases.filter { $0 != .addresses || caller.has(.customer) }.map {
      ["path": $0.path, "name": texts["account.tab.\($0.rawValue)"], "isCurrent": $0 == tab] as [String: Any]
    }
    if let word = query["notice"], texts.has("account.notice.\(word)") { all["notice"] = texts["account.notice.\(word)"] }
    return try page(template, status: status, all)
  }

  /// The fields of a form; what is secret is never shown again.
  ///
  /// - Parameter places: by the code of a refusal, the field beside which it is told.
  func fields(
    _ names: [String], secret: Set<String> = [], known: [String: String] = [:], problem: Problem? = nil, places: [String: String] = [:]
  ) -> [String: Any] {
    var problem = problem
    let faults = (problem?.faults ?? []).map { Fault(path: $0.path, message: Self.ownWords[$0.message].map { texts[$0] } ?? $0.message) }
    problem?.faults = faults
    if let found = problem, found.faults.isEmpty, let place = places[found.code] {
      problem?.faults = [Fault(path: place, message: sentence(of: found))]
    }
    var fields = formFields(names, known: known, problem: problem)
    for name in secret {
      guard var field = fields[name] as? [String: Any] else { continue }
      field["value"] = ""
      fields[name] = field
    }
    return fields
  }

  /// What only the fields of this app are told.
  private static let ownWords = [
    "must be an https:// address": "account.fault.https", "must be another than the first": "account.fault.another"
  ]

  /// What the form says under the name, as it was typed; empty where it says nothing.
  func typed(_ name: String) -> String { form[name] ?? "" }

  /// What the form says under the name with all its blanks, as passwords may have them.
  func secret(_ name: String) -> String { form.all.last { $0.field == name }?.text ?? "" }

  /// A code as people type it: authenticator apps show a blank within it.
  func code(_ name: String) -> String? {
    guard let typed = form[name]?.filter({ !$0.isWhitespace }), !typed.isEmpty else { return nil }
    return typed
  }
}

extension Problem {
  /// What is wrong with one field.
  init(_ field: String, _ message: String) { self.init(InvalidInput([Fault(path: field, message: message)])) }
}

extension WebResponse {
  /// The page of a form that was not taken.
  static func status(of problem: Problem?) -> Int { problem?.status ?? 200 }
}
