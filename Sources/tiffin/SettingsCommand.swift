import ArgumentParser
import Settings

/// Shows and checks the settings.
struct SettingsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Check the settings, or print every one that is in force and where it comes from.",
    discussion: "Exit code 1 when a setting is wrong or not known, named in one line.")

  @OptionGroup var options: SettingsOptions

  @Flag(name: .customLong("print"), help: "Print every setting: name, value, where it comes from, what it is for.")
  var printed = false

  @Flag(help: "Only say whether all is well.")
  var check = false

  func run() async throws {
    try await reportingFaults {
      let settings = try options.source()
      try Installation.declare(settings)
      if let unknown = settings.unknown.first { throw CommandFault("setting \(unknown) is not known; `tiffin settings --print` lists all there are") }
      if printed {
        for setting in settings.all {
          print("\(setting.name) = \(setting.value)   # \(setting.origin.rawValue); \(setting.summary)")
        }
      }
      if check || !printed {
        print("the settings are fine: \(settings.all.count) in force, \(settings.all.count { $0.origin != .fallback }) of them set")
      }
    }
  }
}
