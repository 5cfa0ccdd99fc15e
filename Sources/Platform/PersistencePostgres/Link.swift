import Persistence
import ServiceKit

/// The connection of one thread, made anew when it broke, and not tried again at every call while the server is away.
final class Link {
  private let url: String
  private let settings: PostgresSettings
  private let use: PostgresConnection.Use
  private var connection: PostgresConnection?
  private var refusal: (error: any Error, since: ContinuousClock.Instant)?

  init(_ url: String, settings: PostgresSettings, use: PostgresConnection.Use) {
    self.url = url
    self.settings = settings
    self.use = use
  }

  /// The connection, ready for a transaction.
  func connected() throws -> PostgresConnection {
    if let connection, !connection.isBroken { return connection }
    connection = nil
    if let refusal, ContinuousClock.now - refusal.since < .milliseconds(250) { throw refusal.error }
    do {
      let made = try PostgresConnection(url, settings: settings, use: use)
      refusal = nil
      connection = made
      return made
    } catch {
      refusal = (error, .now)
      throw error
    }
  }

  /// Undoes what is open; gives the connection up when that does not work.
  func undo() {
    guard let connection, !connection.isBroken else { return }
    do {
      // What is undone may have failed in any way.
      if !connection.isIdle { do { try connection.flush(); try connection.read() } catch {} }
      _ = try connection.query("ROLLBACK")
    } catch { connection.close() }
  }

  func close() {
    connection?.close()
    connection = nil
  }
}
