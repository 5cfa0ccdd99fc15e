/// What a dead letter is called among those of all services: the service, and the letter's number there.
struct DeadLetterName: Hashable, Sendable {
  var service: String
  var position: Int

  init(service: String, position: Int) {
    self.service = service
    self.position = position
  }

  /// Reads `ordering-12`.
  init?(_ text: String) {
    guard let dash = text.lastIndex(of: "-"), let position = Int(text[text.index(after: dash)...]), position > 0 else { return nil }
    self.init(service: String(text[..<dash]), position: position)
    guard !service.isEmpty, description == text else { return nil }
  }

  var description: String { "\(service)-\(position)" }
}
