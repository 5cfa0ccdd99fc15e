import Foundation
public import Kernel
import Synchronization
public import WebClient
import Wire

/// A `tiffin serve` of our own: the same executable, started as a child process on a free port with a database of its own.
public final class ChildServer: Sendable {
  /// Where things of the server are.
  public struct Place: Sendable {
    public let address: WebAddress
    public let adminEmail: String
    public let adminPassword: String
    public let processIdentifier: Int32
    public let directory: String
  }

  public let place: Place
  private let process: Process
  private let isKept: Bool

  private init(_ place: Place, _ process: Process, isKept: Bool) {
    self.place = place
    self.process = process
    self.isKept = isKept
  }

  /// The settings of a server that is to be measured or simulated against: no limits, cheap passwords, tokens for a whole day.
  public static let settings = [
    "identity.passwordCost=4", "identity.accessTokenMinutes=527040", "identity.staffSessionHours=8784",
    "web.rateLimits=false", "gateway.socketMessagesPerSecond=0", "gateway.maximumSubscriptions=1000",
    // The kitchens of an instance are done exactly when they said, and its couriers are few.
    "delivery.trustKitchenTimes=true", "delivery.typicalApproachSeconds=480"
  ]

  /// The settings for a day at that speed, whose couriers tell where they are every so many seconds of it.
  ///
  /// - Parameter origin: the moment at which a clock that runs fast and the machine's agree, for several processes together.
  public static func settings(speed: Double, positionSeconds: Int, origin: Instant) -> [String] {
    settings + [
      "delivery.positionStaleSeconds=\(staleSeconds(speed: speed, positionSeconds: positionSeconds))", "clock.speed=\(speed)",
      "clock.origin=\(origin)"
    ]
  }

  /// A position is older between two of them than the platform's thirty seconds allow when they come as seldom as here; and a moment
  /// of ours, which a process may take for something else, is long on a clock that runs fast.
  public static func staleSeconds(speed: Double, positionSeconds: Int) -> Int { max(60, positionSeconds * 6, Int(speed * 5)) }

  /// Starts the server and waits until it answers.
  ///
  /// - Parameters:
  ///   - speed: how many times as fast its clock runs.
  ///   - extra: more settings as `name=value`.
  ///   - directory: where its database and log go; `nil` for a temporary one.
  ///   - isKept: whether the directory stays after `stop`.
  public static func start(
    speed: Double, settings extra: [String] = [], directory: String? = nil, isKept: Bool = false
  ) async throws -> ChildServer {
    let port = try await freeLoopbackPort()
    let directory = directory ?? NSTemporaryDirectory() + "tiffin-simulation-\(port)-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let database = "\(directory)/tiffin.sqlite"
    let settings = (Self.settings + extra).flatMap { ["--set", $0] }
    let email = "admin@simulation.example"
    let password = "a-Long-Enough-Passw0rd"

    let making = Process()
    making.executableURL = executable
    making.arguments = ["admin", "create", "--database", database, "--email", email, "--password", password] + settings
    let log = try logFile("\(directory)/server.log")
    making.standardOutput = log
    making.standardError = log
    try making.run()
    making.waitUntilExit()
    guard making.terminationStatus == 0 else {
      throw NoAnswer(request: "tiffin admin", reason: "ended with status \(making.terminationStatus); see \(directory)/server.log")
    }

    let process = Process()
    process.executableURL = executable
    process.arguments = ["serve", "--database", database, "--port", "\(port)", "--speed", "\(speed)"] + settings
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log
    process.standardError = log
    try process.run()
    Self.stopWithUs(process.processIdentifier)
    let place = Place(
      address: WebAddress(port: port), adminEmail: email, adminPassword: password, processIdentifier: process.processIdentifier, directory: directory)
    let server = ChildServer(place, process, isKept: isKept)
    do { try await server.awaitReady() } catch {
      await server.stop()
      throw error
    }
    return server
  }

  private static func logFile(_ path: String) throws -> FileHandle {
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
      throw NoAnswer(request: "server log", reason: "\(path) cannot be written")
    }
    return handle
  }

  private func awaitReady() async throws {
    let client = WebClient(place.address, connections: 1, timeoutSeconds: 2)
    let limit = ContinuousClock.now.advanced(by: .seconds(30))
    var reason = "did not answer within 30 s"
    while ContinuousClock.now < limit {
      guard process.isRunning else {
        reason = "ended at once"
        break
      }
      if (try? await client.get("/api/health", as: RawJSON.self)) != nil {
        await client.shutdown()
        return
      }
      try await ContinuousClock().sleep(for: .milliseconds(50))
    }
    await client.shutdown()
    throw NoAnswer(request: "tiffin serve", reason: "\(reason); see \(place.directory)/server.log")
  }

  /// The child that a signal to us takes along.
  private static let child = Atomic<Int32>(0)

  /// Without this a server would outlive a simulation that is interrupted.
  private static func stopWithUs(_ identifier: Int32) {
    child.store(identifier, ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // Only what a signal handler may do.
        let child = ChildServer.child.load(ordering: .sequentiallyConsistent)
        if child > 0 { kill(child, SIGTERM) }
        _exit(128 + number)
      }
    }
  }

  /// Stops the server, by force when it takes longer than ten seconds, and removes what it wrote.
  public func stop() async {
    if process.isRunning { process.terminate() }
    let limit = ContinuousClock.now.advanced(by: .seconds(10))
    while process.isRunning, ContinuousClock.now < limit { try? await ContinuousClock().sleep(for: .milliseconds(20)) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    Self.child.store(0, ordering: .sequentiallyConsistent)
    if !isKept { try? FileManager.default.removeItem(atPath: place.directory) }
  }

  /// The memory of the process, in KiB, as the kernel counts it; 0 when it is gone.
  public var residentKiB: Int {
    guard let text = try? String(contentsOfFile: "/proc/\(place.processIdentifier)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
    else { return 0 }
    return Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0
  }
}
