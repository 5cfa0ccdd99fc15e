import Messaging
import Settings

/// What carries events between the services of an installation.
struct BusChoice {
  init(_ settings: SettingsSource) throws {}

  func open() throws -> Opened<any Bus> { Opened(InProcessBus()) }
}
