public import Kernel
public import ServiceKit
public import WebServer
public import Wire

/// What a form or a query said, by name.
public struct Fields: Sendable {
  public let all: [(field: String, text: String)]

  public init(_ all: [(field: String, text: String)]) { self.all = all }

  /// The last value of the name without blanks around it; nothing where it is empty.
  public subscript(_ name: String) -> String? {
    guard let text = all.last(where: { $0.field == name })?.text else { return nil }
    let first = text.firstIndex { !$0.isWhitespace }
    guard let first, let last = text.lastIndex(where: { !$0.isWhitespace }) else { return nil }
    return String(text[first...last])
  }

  /// Every value of the name, for boxes that can be ticked together.
  public func every(_ name: String) -> [String] { all.filter { $0.field == name && !$0.text.isEmpty }.map(\.text) }

  public func has(_ name: String) -> Bool { all.contains { $0.field == name } }

  /// A whole number; nothing where there is none.
  public func integer(_ name: String) -> Int? { self[name].flatMap { Int($0) } }
  public func number(_ name: String) -> Double? { self[name].flatMap { Double($0.replacing(",", with: ".")) } }
  public func amount(_ name: String) -> Amount? {
    guard var text = self[name]?.replacing(",", with: ".") else { return nil }
    return text.withUTF8 { bytes in bytes.withMemoryRebound(to: UInt8.self) { Amount(utf8: $0) } }
  }
  public func id<Entity>(_ name: String, _: Identifier<Entity>.Type = Identifier<Entity>.self) -> Identifier<Entity>? {
    self[name].flatMap { Identifier<Entity>($0) }
  }
}

/// Somebody asks for a page, or sends a form of one.
public struct PageRequest: Sendable {
  /// What the path names: `:orderId` by `orderId`.
  public let path: [String: String]
  public let query: Fields
  /// Empty where nothing was sent.
  public let form: Fields
  /// Path and query, for coming back here.
  public let url: String
  public let language: Language
  let web: WebRequest
  let front: String
  let press: Press
  let edition: Edition
  public let texts: Texts
  public let formats: Formats

  init(_ web: WebRequest, front: String, press: Press) throws(Problem) {
    guard let query = web.queryParts else { throw Problem(400, "invalid_input", "The query is not well formed.") }
    self.web = web
    self.front = front
    self.press = press
    self.query = Fields(query)
    form = Fields(web.formParts ?? [])
    path = web.pathFields
    url = web.target
    language = Press.language(of: web)
    edition = try press.edition()
    texts = edition.texts(language)
    formats = Formats(texts)
  }

  public var caller: Caller { Caller.current }
  public var now: Instant { press.time.now }
  /// The value of a cookie that the browser sent.
  public func cookie(_ name: String) -> String? { web.cookie(name) }
  /// Whether a link on another site led here: such a request comes without the session's cookie.
  public var isFromElsewhere: Bool { web.header("sec-fetch-site") == "cross-site" }
  /// Has the browser keep a cookie; scripts do not see it.
  public func keep(_ name: String, _ value: String, seconds: Int) { CallContext.remarks?.setCookie(name, value, maxAgeSeconds: seconds) }
  /// A word that nobody guesses, such as the key of a new cart or of a form that is to be carried out once.
  public func freshKey() -> String { press.ids.word(24) }

  /// The id that the path names; a path that names none leads nowhere.
  public func id<Entity>(_ name: String, _: Identifier<Entity>.Type = Identifier<Entity>.self) throws(Problem) -> Identifier<Entity> {
    guard let id = path[name].flatMap({ Identifier<Entity>($0) }) else { throw Problem(404, "not_found", "There is nothing at this path.") }
    return id
  }

  /// Asks an operation, as who sent the request.
  public func call<O: Operation>(_ operation: O) async throws(CallFailure<O.Refusal>) -> O.Reply {
    // The limits of fields are checked where JSON is read, so what a form says is read as JSON too.
    do throws(InvalidInput) { _ = try decode(O.self, from: encode(operation)) } catch { throw .invalid(error) }
    return try await press.switchboard.call(operation)
  }

  /// The address of a picture where browsers may load it (`pages.imageHosts`); nothing where a hole would be shown.
  public func picture(_ address: String?) -> String? { address.flatMap { press.mayShow($0) ? $0 : nil } }

  /// A page, or part of one for a script that puts it in place.
  ///
  /// - Parameters:
  ///   - template: such as `customer/home`, which begins with the name of its front's folder.
  ///   - fields: what the template names; beside them every template knows `lang`, `dir`, `assets`, `url`, `user`, `languages` and `scriptTexts`.
  public func page(_ template: String, status: Int = 200, _ fields: [String: Any] = [:]) throws(Problem) -> WebResponse {
    try press.page(self, template, status: status, fields)
  }

  /// Sends the browser elsewhere, as after a form was taken (303).
  public func redirect(to place: String) -> WebResponse {
    WebResponse(303, contentType: "text/plain; charset=utf-8", headers: [("Location", place)])
  }

  /// Where to go on after signing in or changing something: a path of our own, or the fallback.
  public func next(_ name: String = "then", or fallback: String) -> String {
    guard let place = form[name] ?? query[name], place.hasPrefix("/"), !place.hasPrefix("//"),
      place.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != 0x5C })
    else { return fallback }
    return place
  }

  /// A problem in the reader's language: the message of its code under `FRONT.problem.` or `shared.problem.`, where there is one, else what
  /// the server says.
  public func sentence(of problem: Problem) -> String {
    let key = ["\(front).problem.\(problem.code)", "shared.problem.\(problem.code)"].first(where: texts.has)
    return key.map { texts[$0] } ?? problem.detail
  }

  /// What is wrong with a field in the reader's language: the message of the same words, where there is one, with its numbers filled in.
  ///
  /// `must have at most 80 characters` is found under `shared.fault.must_have_at_most_n_characters`.
  public func sentence(of fault: Fault) -> String {
    var numbers: [String] = []
    let words = fault.message.split(separator: " ").map { word -> String in
      guard let first = word.unicodeScalars.first, ("0"..."9").contains(first) || (word.count > 1 && first == "-") else { return word.lowercased() }
      numbers.append(String(word))
      return numbers.count == 1 ? "n" : "m"
    }
    let key = "shared.fault.\(words.joined(separator: "_"))"
    guard texts.has(key) else { return texts.fault(fault.message) }
    return texts(key, Dictionary(zip(["n", "m"], numbers)) { first, _ in first })
  }

  /// The fields of a form as templates show them: what was typed, else what is known, and what is wrong with each.
  ///
  /// In a template: `{{#f.email}}<input name="{{name}}" value="{{value}}" ...>{{#error}}...{{/error}}{{/f.email}}`.
  ///
  /// - Parameters:
  ///   - names: of all fields; a point in a name is written as `_` in the template's key.
  ///   - known: what stands in them before anybody types.
  ///   - problem: what the server said of the form; what it says of no field on it stands under `problem`.
  public func formFields(_ names: [String], known: [String: String] = [:], problem: Problem? = nil) -> [String: Any] {
    var fields: [String: Any] = [:]
    for name in names {
      let value = form.has(name) ? form.all.last { $0.field == name }?.text ?? "" : known[name] ?? ""
      var field: [String: Any] = ["name": name, "value": value, "id": "f-\(name.replacing(".", with: "-"))"]
      if let fault = problem?.faults.first(where: { $0.path == name || $0.path.hasPrefix("\(name).") || $0.path.hasPrefix("\(name)[") }) {
        field["error"] = sentence(of: fault)
      }
      fields[name.replacing(".", with: "_")] = field
    }
    if let problem {
      let others = problem.faults.filter { fault in
        !names.contains { fault.path == $0 || fault.path.hasPrefix("\($0).") || fault.path.hasPrefix("\($0)[") }
      }
      if problem.faults.isEmpty || !others.isEmpty {
        fields["problem"] = ([sentence(of: problem)] + others.map { "\($0.path): \(sentence(of: $0))" }).joined(separator: " ")
      } else {
        fields["problem"] = texts["shared.form.lookAgain"]
      }
    }
    return fields
  }
}
