/// A text message to a phone.
public struct TextMessage: Sendable, Hashable {
  /// The number in the form of E.164, such as `+442071838750`.
  public var number: String
  public var text: String
  /// The code within the text: providers with templates of their own want it apart.
  public var code: String

  public init(number: String, text: String, code: String) {
    self.number = number
    self.text = text
    self.code = code
  }
}

/// A way to phones.
public protocol TextSending: Sendable {
  /// Hands the message over to whoever delivers it.
  ///
  /// - Throws: `Undelivered` when they did not take it.
  func send(_ message: TextMessage) async throws
}

/// A plain letter by e-mail.
public struct Mail: Sendable, Hashable {
  public var recipient: String
  public var subject: String
  public var text: String
  /// Names the letter among all letters; the same letter sent twice has the same.
  public var id: String

  public init(recipient: String, subject: String, text: String, id: String) {
    self.recipient = recipient
    self.subject = subject
    self.text = text
    self.id = id
  }
}

/// A way to mailboxes.
public protocol MailSending: Sendable {
  /// Hands the letter over to a mail server.
  ///
  /// - Throws: `Undelivered` when it did not take it.
  func send(_ mail: Mail) async throws
}

/// A message was not taken by who should deliver it.
public struct Undelivered: Error, CustomStringConvertible {
  public let description: String
  /// Whether the same message will never be taken.
  public let isFinal: Bool

  public init(_ description: String, isFinal: Bool = false) {
    self.description = description
    self.isFinal = isFinal
  }
}
