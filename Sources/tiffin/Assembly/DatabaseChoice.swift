import Persistence
import PersistenceSQLite
import Settings

/// Which database a process keeps its rows in.
struct DatabaseChoice {
  private let path: String
  private let readers: Int

  init(_ settings: SettingsSource) throws {
    path = settings.text("database.path", default: "tiffin.db", "The database file; made when there is none.")
    readers = try settings.integer("database.readers", default: 4, within: 1...64, "How many reads run at the same time.")
  }

  /// - Throws: `CommandFault` in one line that names the setting.
  func open() throws -> Opened<any Database> {
    let database: SQLiteDatabase
    do { database = try SQLiteDatabase(path: path, readers: readers) } catch {
      throw CommandFault("setting database.path: \(error); choose a file in a folder that this user may write to")
    }
    return Opened(database, close: { await database.close() })
  }
}
