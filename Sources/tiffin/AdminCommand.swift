import ArgumentParser
import Hosting
import IdentityAPI
import ServiceKit
import Wire

/// What only who runs the machine may do.
struct AdminCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "admin", abstract: "Make accounts that run the platform.", subcommands: [Create.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an administrator; the password comes from standard input or --password.")

    @OptionGroup var options: SettingsOptions

    @Option(help: "With what the administrator signs in.")
    var email: String

    @Option(help: "At least eight characters; without it, one line is read from standard input, which no process list shows.")
    var password: String?

    func run() async throws {
      try await reportingFaults {
        guard let password = password ?? readLine(strippingNewline: true), !password.isEmpty else {
          throw CommandFault("no password: give one line on standard input, or --password")
        }
        try await withInstallation(options) { installation in
          let account = try await create(installation, password)
          print("\(account.email ?? email) runs the platform now")
        }
      }
    }

    private func create(_ installation: Installation, _ password: String) async throws -> Account {
      let operation = CreateAdmin(email: email, password: password)
      if password.unicodeScalars.count < 8 || password.utf8.count > 72 { throw CommandFault("--password must have 8 to 72 characters") }
      do throws(CallFailure<RegisterRefusal>) {
        return try await installation.process.switchboard.callAsSystem(operation)
      } catch {
        switch error {
        case .refused(let refusal): throw CommandFault("\(email): \(refusal.detail)")
        case .invalid(let faults): throw CommandFault(faults.all.map(\.description).joined(separator: "; "))
        default: throw error
        }
      }
    }
  }
}
