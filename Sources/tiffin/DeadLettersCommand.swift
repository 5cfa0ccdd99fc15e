import ArgumentParser
import Hosting
import Messaging
import ServiceKit

/// The events that a service gave up on.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters", abstract: "List, replay or drop events that a service could not handle.",
    subcommands: [List.self, Replay.self, Drop.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the dead letters of one service, or of all.")
    @OptionGroup var options: SettingsOptions
    @Option(help: "The service, such as ordering; all without it.")
    var service: String?
    @Option(help: "How many for each service.")
    var limit = 100

    func run() async throws {
      try await reportingFaults {
        guard 1...10_000 ~= limit else { throw CommandFault("--limit must be from 1 to 10000") }
        try await withInstallation(options) { installation in
          for name in try names(service, installation) {
            for letter in try await letters(name, installation).list(limit: limit) {
              print(
                "\(name) \(letter.position)  \(letter.envelope.name) \(letter.envelope.aggregate) #\(letter.envelope.sequence)  "
                  + "\(letter.reaction) failed \(letter.attempts) times, last \(letter.failedAt): \(letter.reason)")
            }
          }
        }
      }
    }
  }

  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Have a dead letter handled again by the running server, or at its next start.")
    @OptionGroup var letter: LetterOptions
    func run() async throws { try await letter.act("will be handled again") { try await $0.replay($1) } }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget a dead letter for good.")
    @OptionGroup var letter: LetterOptions
    func run() async throws { try await letter.act("is forgotten") { try await $0.drop($1) } }
  }

  struct LetterOptions: ParsableArguments {
    @OptionGroup var options: SettingsOptions
    @Argument(help: "The service, such as ordering.")
    var service: String
    @Argument(help: "The letter's number, as `list` prints it.")
    var position: Int

    func act(_ done: String, _ body: @escaping (DeadLetters, Int) async throws -> Bool) async throws {
      try await reportingFaults {
        try await withInstallation(options) { installation in
          _ = try names(service, installation)
          guard try await body(letters(service, installation), position) else {
            throw CommandFault("\(service) has no dead letter \(position); `tiffin dead-letters list` prints them")
          }
          print("\(service) \(position) \(done)")
        }
      }
    }
  }
}

private func names(_ service: String?, _ installation: Installation) throws -> [String] {
  guard let service else { return installation.process.names }
  guard installation.process.names.contains(service) else {
    throw CommandFault("there is no service \(service); there are \(installation.process.names.joined(separator: ", "))")
  }
  return [service]
}

private func letters(_ service: String, _ installation: Installation) throws -> DeadLetters {
  guard let letters = installation.process.deadLetters(of: service) else { throw CommandFault("\(service) is not hosted here") }
  return letters
}

/// Opens an installation for a command, and closes it again whatever happens.
func withInstallation(_ options: SettingsOptions, _ body: (Installation) async throws -> Void) async throws {
  let installation = try Installation(options.source())
  do {
    try await installation.process.prepare()
    try await body(installation)
  } catch {
    await installation.close()
    throw error
  }
  await installation.close()
}
