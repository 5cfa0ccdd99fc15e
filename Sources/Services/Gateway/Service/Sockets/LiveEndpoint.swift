import Kernel
import Realtime
import ServiceKit
import Synchronization
import WebServer

/// Greets the sockets at `/ws`.
final class LiveEndpoint: SocketEndpoint {
  let path = "/ws"
  let switchboard: Switchboard
  let channels: Channels
  let authenticator: any Authenticating
  let settings: GatewaySettings
  let gate: ChannelGate
  /// One intake for each event loop, so that loops do not wait for each other.
  private let intakes = Mutex<[ObjectIdentifier: PositionIntake]>([:])

  init(switchboard: Switchboard, channels: Channels, authenticator: any Authenticating, settings: GatewaySettings, ids: IdentifierSource) {
    self.switchboard = switchboard
    self.channels = channels
    self.authenticator = authenticator
    self.settings = settings
    gate = ChannelGate(switchboard: switchboard, isCityPublic: settings.isCityPublic)
  }

  func open(_ socket: Socket, caller: Caller, bearer: String?) -> any SocketSession {
    let lane = ObjectIdentifier(socket.lane)
    let intake = intakes.withLock { intakes in
      if let known = intakes[lane] { return known }
      let made = PositionIntake(switchboard: switchboard)
      intakes[lane] = made
      return made
    }
    return LiveSession(socket, self, intake, caller: caller, bearer: bearer)
  }
}
