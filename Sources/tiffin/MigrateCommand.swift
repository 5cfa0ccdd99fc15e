import ArgumentParser
import Hosting
import Persistence
import Settings

/// Moves an installation from one database to another.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Copy an installation into another database, such as from the file to PostgreSQL.",
    discussion: """
      Stop the server on the source first. All tables are copied and verified by counts and checksums; killed, the same command goes
      on where it stood. A target that holds rows already is refused. The source is only read.
      """)

  @Option(help: ArgumentHelp("What is copied.", valueName: "file or url"))
  var from: String

  @Option(help: ArgumentHelp("Where to; a schema other than public with --schema.", valueName: "file or url"))
  var to: String

  @Option(help: "The schema of a PostgreSQL target.")
  var schema = "public"

  @Option(help: "How many rows are written in one transaction.")
  var page = 500

  func run() async throws {
    try await reportingFaults {
      guard 1...10_000 ~= page else { throw CommandFault("--page must be from 1 to 10000") }
      guard from != to else { throw CommandFault("--from and --to are the same database") }
      let source = try open(from, "--from", schema: "public")
      let target: Opened<any Database>
      do { target = try open(to, "--to", schema: schema) } catch {
        await source.close()
        throw error
      }
      do {
        let copy = DatabaseCopy(from: source.value, to: target.value, page: page) { say($0) }
        let copied = try await copy.run(ServiceProcess.migrations(of: ServiceChoice.all))
        say("verified: \(copied.count) tables, \(copied.reduce(0) { $0 + $1.rows }) rows")
      } catch {
        await target.close()
        await source.close()
        throw error
      }
      await target.close()
      await source.close()
    }
  }

  private func open(_ place: String, _ option: String, schema: String) throws -> Opened<any Database> {
    let isServer = DatabaseChoice.isServer(place)
    if option == "--from", !isServer, !DatabaseChoice.exists(place) { throw CommandFault("--from \(place): there is no such file") }
    let settings = SettingsSource(commandLine: [
      isServer ? "database.url" : "database.path": place, "database.schema": schema, "database.writers": "1"
    ])
    do { return try DatabaseChoice(settings).open() } catch { throw CommandFault("\(option): \(error)") }
  }
}
