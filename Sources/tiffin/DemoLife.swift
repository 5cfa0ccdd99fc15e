import Demo
import Foundation
import IdentityAPI
import Kernel
import ServiceKit
import ServiceLifecycle
import WebClient

/// The port, once there is one.
final class Listening: Sendable {
  private let stream: AsyncStream<Int>
  private let continuation: AsyncStream<Int>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1)) }

  func isOn(_ port: Int) { continuation.yield(port) }
  func port() async -> Int? { await stream.first { _ in true } }
}

/// The demo city's people, for as long as the server runs.
struct DemoLife: Service {
  let listening: Listening
  let seed: UInt64
  let time: TimeSource
  let switchboard: Switchboard

  /// Opens the account of the city's administrator.
  static func createAdmin(seed: UInt64, over switchboard: Switchboard) async throws {
    let admin = DemoCity.admin(seed: seed)
    do throws(CallFailure<RegisterRefusal>) {
      _ = try await switchboard.callAsSystem(CreateAdmin(email: admin.email, password: admin.password))
    } catch {
      // On the second start of the same city it is there already.
      guard case .refused(.emailTaken) = error else { throw error }
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      guard let port = await listening.port(), let address = WebAddress("http://127.0.0.1:\(port)") else { return }
      let city = DemoCity(server: address, seed: seed, time: time) { say($0) }
      for (who, path) in [("Guests:", ""), ("Restaurants:", "restaurant"), ("Couriers:", "courier"), ("Operators:", "admin"), ("The city:", "live")] {
        say("\(who.padding(toLength: 13, withPad: " ", startingAt: 0)) http://127.0.0.1:\(port)/\(path)")
      }
      for person in city.signIns {
        say("  \(person.role.padding(toLength: 10, withPad: " ", startingAt: 0)) \(person.email)   password \(person.password)")
      }
      for line in await SpiceRoute(switchboard: switchboard).found() { say(line) }
      await city.run()
    }
  }
}
