import Kernel
import Observability
import Outreach
import Persistence
import ServiceKit
import Synchronization

/// Sends the letters and text messages that handlers have put down, after their transaction and again until they are taken.
final class LetterDesk: Sendable {
  /// How long a process has a letter for itself, and so how long until it is tried again.
  private static let patience = Duration.seconds(10)
  private static let atOnce = 20
  private static let log = Log("letters")

  private let database: any Database
  private let time: TimeSource
  private let texts: any TextSending
  private let mails: any MailSending
  /// What the links in letters begin with.
  private let publicURL: String
  /// Whether something was put down, and how many rounds there were since something was.
  private let waiting = Mutex((isHinted: true, idleRounds: 0))
  private let store = LetterStore()

  init(database: any Database, time: TimeSource, texts: any TextSending, mails: any MailSending, publicURL: String) {
    self.database = database
    self.time = time
    self.texts = texts
    self.mails = mails
    self.publicURL = publicURL
  }

  /// Takes note that something was put down.
  func wake() { waiting.withLock { $0.isHinted = true } }

  /// One round: sends what is due. Without a hint it looks every tenth time, for what a process that died has left.
  func round() async throws {
    let isDue = waiting.withLock { waiting in
      waiting = (false, waiting.isHinted ? 0 : waiting.idleRounds + 1)
      return waiting.idleRounds % 10 == 0
    }
    guard isDue else { return }
    let now = time.now
    let claimed = try await database.write { [store] in
      try store.claim(at: now, until: now + Self.patience * self.time.speed, limit: Self.atOnce, in: $0)
    }
    guard !claimed.isEmpty else { return }
    let done = await withTaskGroup(of: LetterID?.self) { group in
      for letter in claimed { group.addTask { await self.send(letter, at: now) ? letter.id : nil } }
      return await group.reduce(into: [LetterID]()) { if let id = $1 { $0.append(id) } }
    }
    try await database.write { [store] in try store.delete(done.sorted { $0.description < $1.description }, in: $0) }
    if done.count < claimed.count || claimed.count == Self.atOnce { wake() }
  }

  /// Whether nothing is left to do about the letter.
  private func send(_ letter: LetterStore.Letter, at now: Instant) async -> Bool {
    guard now < letter.expiresAt, letter.kind != .none else { return true }
    do {
      switch letter.kind {
      case .code:
        try await texts.send(
          TextMessage(number: letter.recipient, text: "Your Tiffin code is \(letter.secret). It is good for 5 minutes.", code: letter.secret))
      case .reset:
        try await mails.send(
          Mail(
            recipient: letter.recipient, subject: "Your new Tiffin password",
            text: """
              Somebody, probably you, asked for a new password for your Tiffin account. Choose it here within the hour:

              \(publicURL)/reset-password?token=\(letter.secret)

              The link works once. If it was not you, do nothing: your password stays as it is.
              """, id: letter.id.description))
      case .none: break
      }
      return true
    } catch let error as Undelivered {
      Self.log.warning("a letter was not taken", ["id": letter.id, "kind": letter.kind.rawValue, "reason": error.description])
      return error.isFinal
    } catch {
      return false
    }
  }
}
