import ArgumentParser
import Discovery
import Foundation
import Gateway
import Hosting
import Kernel
import Messaging
import Observability
import Pages
import PaymentsAPI
import Persistence
import ServiceKit
import Settings

/// Says what is wrong with an installation, and which setting to change.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look an installation over: settings, database, disk, schema, books, work left lying.",
    discussion: "One line for each finding. Exit code 1 when something is wrong. Looks at the database while a server uses it, and changes nothing.")

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    try await reportingFaults {
      var report = Report()
      let settings = try options.source()
      do {
        try Installation.declare(settings)
        report.fine("settings", "\(settings.all.count) in force")
      } catch { report.wrong("settings", "\(error)") }
      for name in settings.unknown { report.wrong("settings", "\(name) is not known; `tiffin settings --print` lists all there are") }
      checkLimits(&report)
      await checkSharing(settings, &report)
      await checkCluster(settings, &report)
      await checkBus(settings, &report)
      checkPages(settings, &report)
      if let choice = try? DatabaseChoice(settings) {
        if choice.file.map({ checkFile($0, &report) }) ?? true { await checkDatabase(settings, choice, &report) }
      }
      for line in report.lines { print(line) }
      if report.isWrong { throw ExitCode(1) }
    }
  }

  private struct Report {
    var lines: [String] = []
    var isWrong = false

    mutating func fine(_ what: String, _ how: String) { lines.append("ok     \(what): \(how)") }
    mutating func wrong(_ what: String, _ why: String) {
      lines.append("WRONG  \(what): \(why)")
      isWrong = true
    }
  }

  private func checkSharing(_ settings: SettingsSource, _ report: inout Report) async {
    do {
      if let found = try await SharingChoice(settings).check() { report.fine("redis", found) }
    } catch is SettingsFault {
      // Told among the settings.
    } catch { report.wrong("redis", "\(error)") }
  }

  private func checkCluster(_ settings: SettingsSource, _ report: inout Report) async {
    Log.configure(level: .error)  // What is found is printed; the calls that find it would write lines of their own.
    do {
      let services = try ServiceChoice(settings)
      let time = try Clock.time(settings)
      let findings = try await ClusterChoice(settings, services).check(
        services, DatabaseChoice(settings), time: time, ids: IdentifierSource(time: time))
      for finding in findings {
        if finding.isFine { report.fine("cluster", finding.text) } else { report.wrong("cluster.registry", finding.text) }
      }
    } catch is SettingsFault {
      // Told among the settings.
    } catch { report.wrong("cluster.registry", "\(error)") }
  }

  private func checkLimits(_ report: inout Report) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    if limit.rlim_max < 10_240 {
      report.wrong(
        "open files", "the machine allows \(limit.rlim_max), too few for 10,000 sockets; raise LimitNOFILE, or set web.maximumConnections lower")
    } else {
      report.fine("open files", "up to \(limit.rlim_max)")
    }
  }

  private func checkBus(_ settings: SettingsSource, _ report: inout Report) async {
    // What is wrong with the setting itself was said above.
    guard let choice = try? BusChoice(settings) else { return }
    do {
      if let broker = try await choice.probe() { report.fine("bus.url", "\(broker) answers") }
    } catch { report.wrong("bus.url", "\(error); start the broker, or name another") }
  }

  /// What maps and charts are drawn with, where this process shows pages.
  private func checkPages(_ settings: SettingsSource, _ report: inout Report) {
    guard let pages = try? PagesSettings(settings), let services = try? ServiceChoice(settings),
      services.hosted.contains(where: { $0.name == GatewayModule.name })
    else { return }
    let missing = pages.missingLibraries
    if missing.isEmpty { return report.fine("pages.libraries", "maps and charts can be drawn") }
    report.wrong(
      "pages.libraries",
      "\(pages.librariesFolder) lacks what maps and charts are drawn with: apt-get install \(missing.joined(separator: " ")), or name another folder")
  }

  /// Whether there is a file to look into.
  private func checkFile(_ path: String, _ report: inout Report) -> Bool {
    let files = FileManager.default
    let folder = (path as NSString).deletingLastPathComponent
    let place = folder.isEmpty ? "." : folder
    guard files.isWritableFile(atPath: place) else {
      report.wrong("database.path", "\(place) is no folder that this user may write to; choose another, or create it")
      return false
    }
    if let values = try? files.attributesOfFileSystem(forPath: place), let free = values[.systemFreeSize] as? Int {
      let megabytes = free / 1_000_000
      if megabytes < 500 {
        report.wrong("disk", "\(megabytes) MB free at \(place); writes will be refused when it is full: make room, or move database.path")
      } else {
        report.fine("disk", "\(megabytes) MB free")
      }
    }
    guard files.fileExists(atPath: path) else {
      report.fine("database.path", "\(path) does not exist yet; `tiffin serve` makes it")
      return false
    }
    return true
  }

  private func checkDatabase(_ settings: SettingsSource, _ choice: DatabaseChoice, _ report: inout Report) async {
    let installation: Installation
    do { installation = try Installation(settings) } catch is SettingsFault { return } catch {
      return report.wrong(choice.setting, "\(error)")
    }
    do {
      let database = installation.database
      switch database.engine {
      case .sqlite: try await checkFileInside(database, &report)
      case .postgres: try await checkServer(database, &report)
      }
      if try await checkSchema(database, installation.services.hosted, &report) {
        try await checkWork(installation, &report)
        try await checkBooks(installation, &report)
      }
    } catch { report.wrong("database", "\(error)") }
    await installation.close()
  }

  private func checkFileInside(_ database: any Database, _ report: inout Report) async throws {
    let verdict = try await database.read { try $0.all("PRAGMA quick_check(5)") { $0.text(0) } }
    if verdict == ["ok"] {
      report.fine("file", "whole")
    } else {
      report.wrong("file", "damaged (\(verdict.joined(separator: "; "))); stop the server and restore the last backup to database.path")
    }
  }

  private func checkServer(_ database: any Database, _ report: inout Report) async throws {
    let (version, isFollower, isDurable) = try await database.read { transaction in
      try transaction.first(
        "SELECT current_setting('server_version_num'), pg_is_in_recovery(), current_setting('synchronous_commit') <> 'off' AND current_setting('fsync') = 'on'"
      ) { (Int($0.text(0)) ?? 0, $0.boolean(1), $0.boolean(2)) } ?? (0, false, false)
    }
    if version < 140_000 { report.wrong("server", "PostgreSQL \(version / 10_000); Tiffin needs 14 or newer") }
    if isFollower {
      report.wrong("database.url", "this server only follows another and takes no writes; name the first one, this one in database.readURL")
    }
    if !isDurable { report.wrong("server", "fsync or synchronous_commit is off: what was answered may be lost; turn both on in postgresql.conf") }
    if version >= 140_000, !isFollower, isDurable { report.fine("server", "PostgreSQL \(version / 10_000), durable") }
  }

  private func checkSchema(_ database: any Database, _ hosted: [any ServiceModule.Type], _ report: inout Report) async throws -> Bool {
    // Others may keep theirs in the same database: those are known, and not missed.
    let known = ServiceProcess.migrations(of: ServiceChoice.all).map(\.name) + DatabaseRegistry.migrations.map(\.name)
    let seen = try await database.read { transaction -> [String]? in
      let question =
        switch transaction.engine {
        case .sqlite: "SELECT 1 FROM sqlite_master WHERE name = 'tiffin_migrations'"
        case .postgres: "SELECT 1 WHERE to_regclass('tiffin_migrations') IS NOT NULL"
        }
      guard try transaction.first(question, as: { _ in true }) ?? false else { return nil }
      return try transaction.all("SELECT name FROM tiffin_migrations ORDER BY position") { $0.text(0) }
    }
    guard let seen else {
      if database.engine == .postgres {
        report.fine("schema", "there are no tables yet; `tiffin serve` makes them")
        return false
      }
      report.wrong("schema", "the file is no Tiffin database; point database.path at one, or at a file that does not exist")
      return false
    }
    if let stranger = seen.first(where: { !known.contains($0) }) {
      report.wrong("schema", "\(SchemaTooNew(migration: stranger))")
      return false
    }
    let missing = ServiceProcess.migrations(of: hosted).map(\.name).filter { !seen.contains($0) }
    if missing.isEmpty {
      report.fine("schema", "\(seen.count) migrations")
      return true
    }
    report.wrong("schema", "\(missing.count) migrations are missing, the first \(missing[0]); `tiffin serve` applies them at its start")
    return false
  }

  private func checkWork(_ installation: Installation, _ report: inout Report) async throws {
    for name in installation.process.names {
      guard let letters = installation.process.deadLetters(of: name) else { continue }
      let count = try await letters.list(limit: 1000).count
      if count > 0 {
        report.wrong(
          "dead letters",
          "\(name) gave up on \(count)\(count == 1000 ? " or more" : "") events; `tiffin dead-letters list --service \(name)` tells why, `replay` tries again"
        )
      }
    }
    let limit = installation.time.now - .seconds(600)
    for name in installation.process.names {
      let stuck = try await installation.database.read { transaction in
        try transaction.first("SELECT COUNT(*) FROM \(name)_saga WHERE created_at < ?", .instant(limit)) { $0.integer(0) } ?? 0
      }
      if stuck > 0 {
        report.wrong("sagas", "\(stuck) of \(name) have waited for over ten minutes; is the server running, and its payment provider reachable?")
      }
    }
    if !report.isWrong { report.fine("work", "no dead letters, no saga that waits too long") }
  }

  private func checkBooks(_ installation: Installation, _ report: inout Report) async throws {
    guard installation.process.names.contains("payments") else { return }
    let ledger = try await installation.process.switchboard.callAsSystem(ReadLedger())
    if ledger.isBalanced {
      report.fine("ledger", "\(ledger.entryCount) entries, balanced")
    } else {
      report.wrong("ledger", "not balanced in \(ledger.unbalanced.joined(separator: ", ")); stop taking payments and restore from the backup")
    }
  }
}
