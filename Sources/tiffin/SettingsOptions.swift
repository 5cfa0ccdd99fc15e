import ArgumentParser
import Foundation
import Settings

/// The options with which every command that looks at an installation finds its settings and its database.
struct SettingsOptions: ParsableArguments {
  @Option(name: .customLong("settings"), help: ArgumentHelp("A file of `name = value` lines.", valueName: "file"))
  var file: String?

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("One setting; wins over the environment and the file. May be given again.", valueName: "name=value"))
  var assignments: [String] = []

  @Option(help: ArgumentHelp("The database: a file (setting database.path), or postgres://... (setting database.url).", valueName: "file or url"))
  var database: String?

  @Option(help: ArgumentHelp("A PostgreSQL server that follows that one, for lists (setting database.readURL).", valueName: "url"))
  var databaseRead: String?

  /// The settings of the command line, the environment and the file together.
  ///
  /// - Throws: `CommandFault` when the file cannot be read or an assignment has no `=`.
  func source(adding more: [String: String] = [:]) throws -> SettingsSource {
    var commandLine = more
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw CommandFault("--set \(assignment): write it as name=value")
      }
      commandLine[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
    }
    if let database { commandLine[DatabaseChoice.isServer(database) ? "database.url" : "database.path"] = database }
    if let databaseRead { commandLine["database.readURL"] = databaseRead }
    var fileValues: [String: String] = [:]
    if let file {
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
        throw CommandFault("--settings \(file): cannot be read; check the path and its permissions")
      }
      fileValues = try SettingsFile.parse(text, name: file)
    }
    return SettingsSource(file: fileValues, environment: ProcessInfo.processInfo.environment, commandLine: commandLine)
  }
}
