import ArgumentParser

/// The one executable of the platform.
@main
struct Tiffin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiffin",
    abstract: "Food ordering and delivery: customers order, restaurants cook, couriers ride, everyone sees it live.",
    version: productVersion,
    subcommands: [
      ServeCommand.self, SimulateCommand.self, LoadCommand.self, SettingsCommand.self, DoctorCommand.self, AdminCommand.self,
      DeadLettersCommand.self, MigrateCommand.self
    ])
}

/// The version that `--version`, the health page and the OpenAPI document tell.
let productVersion = "0.1.0"
