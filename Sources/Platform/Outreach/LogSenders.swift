import Observability

/// Writes messages to the log in place of sending them: for development, where the log is how a code reaches its reader.
public struct LogTexts: TextSending {
  private static let log = Log("sms")
  public init() {}

  public func send(_ message: TextMessage) { Self.log.info("text message", ["to": message.number, "text": message.text]) }
}

/// Writes letters to the log in place of sending them: for development.
public struct LogMails: MailSending {
  private static let log = Log("mail")
  public init() {}

  public func send(_ mail: Mail) { Self.log.info("letter", ["to": mail.recipient, "subject": mail.subject, "text": mail.text]) }
}
