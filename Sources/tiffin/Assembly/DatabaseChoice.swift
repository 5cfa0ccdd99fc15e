import Foundation
import Persistence
import PersistencePostgres
import PersistenceSQLite
import Settings

/// Which database a process keeps its rows in: a file of its own, or a PostgreSQL server that several processes may share.
struct DatabaseChoice {
  private let path: String
  private let readers: Int
  private let postgres: PostgresSettings?
  private let schema: String
  private let wait: Duration
  private let statement: Duration

  /// - Throws: `SettingsFault` naming the setting that is wrong.
  init(_ settings: SettingsSource) throws {
    path = settings.text("database.path", default: "tiffin.db", "The database file; made when there is none.")
    readers = try settings.integer("database.readers", default: 4, within: 1...64, "How many reads run at the same time.")
    let url = settings.text(
      "database.url", default: "", isSecret: true,
      "A PostgreSQL server in place of the file: postgres://user:password@host:5432/name?sslmode=verify-full; empty: the file.")
    let readURL = settings.text(
      "database.readURL", default: "", isSecret: true, "A server that follows database.url, for lists that may be a moment old; empty: none.")
    schema = settings.text(
      "database.schema", default: "public", "The PostgreSQL schema of the tables, made when there is none; one for each service set that runs apart.")
    let writers = try settings.integer(
      "database.writers", default: 1, within: 1...64, "How many groups of writes run on PostgreSQL at the same time.")
    wait = try settings.duration(
      "database.waitSeconds", default: 5, within: 1...60, "How long a read or write waits for a connection to PostgreSQL before it is refused.")
    statement = try settings.duration(
      "database.statementSeconds", default: 30, within: 1...3600, "How long PostgreSQL works on one statement before it gives up.")
    for (name, text) in [("database.url", url), ("database.readURL", readURL)] where !text.isEmpty && !Self.isServer(text) {
      throw SettingsFault(name: name, problem: "must begin with postgres://, not \"\(PostgresSettings.withoutPassword(text).prefix(40))\"")
    }
    if schema.isEmpty || schema.utf8.count > 60 { throw SettingsFault(name: "database.schema", problem: "must have 1 to 60 characters") }
    if url.isEmpty, !readURL.isEmpty { throw SettingsFault(name: "database.readURL", problem: "needs database.url; set that too") }
    postgres =
      url.isEmpty
      ? nil
      : PostgresSettings(
        url: url, readURL: readURL.isEmpty ? nil : readURL, schema: schema, writers: writers, readers: readers, wait: wait, statement: statement)
  }

  /// Whether the text names a PostgreSQL server rather than a file.
  static func isServer(_ text: String) -> Bool { text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") }

  /// Whether there is a file at the path.
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The file; nil on PostgreSQL.
  var file: String? { postgres == nil ? path : nil }
  /// The setting to look at when the database is wrong.
  var setting: String { postgres == nil ? "database.path" : "database.url" }

  /// - Throws: `CommandFault` in one line that names the setting.
  func open() throws -> Opened<any Database> {
    if let postgres { return try open(postgres, named: "database.url") }
    return try open(file: path, readers: readers, named: "database.path")
  }

  /// Opens another database than the process's own, with a connection or two.
  ///
  /// - Parameters:
  ///   - place: a file or a server.
  ///   - setting: what names it.
  /// - Throws: `CommandFault` in one line that names the setting.
  func open(_ place: String, named setting: String) throws -> Opened<any Database> {
    guard Self.isServer(place) else { return try open(file: place, readers: 1, named: setting) }
    return try open(
      PostgresSettings(url: place, readURL: nil, schema: schema, writers: 1, readers: 1, wait: wait, statement: statement), named: setting)
  }

  private func open(_ postgres: PostgresSettings, named setting: String) throws -> Opened<any Database> {
    let database: PostgresDatabase
    do { database = try PostgresDatabase(postgres) } catch {
      throw CommandFault(
        "setting \(setting) (\(PostgresSettings.withoutPassword(postgres.url))): \(error); "
          + "start the server, or correct the address, user, password or sslmode in the URL")
    }
    return Opened(database, close: { await database.close() })
  }

  private func open(file: String, readers: Int, named setting: String) throws -> Opened<any Database> {
    let database: SQLiteDatabase
    do { database = try SQLiteDatabase(path: file, readers: readers) } catch {
      throw CommandFault("setting \(setting): \(error); choose a file in a folder that this user may write to")
    }
    return Opened(database, close: { await database.close() })
  }
}
