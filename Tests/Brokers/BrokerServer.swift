import Foundation
import Synchronization
import TestKit

/// A broker that the tests start, kill and start again: a process of its own on a free port, gone when the tests end.
final class BrokerServer: Sendable {
  private struct State {
    var process: Process
    var input: FileHandle
    var output: FileHandle
  }

  struct Failed: Error, CustomStringConvertible { let description: String }

  /// Where the broker is, as `bus.url` wants it.
  let url: String
  private let state: Mutex<State>

  /// The checkout's root.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  init(_ kind: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = Self.root.appendingPathComponent(".venv/bin/python")
    process.arguments = ["-u", Self.root.appendingPathComponent("Tests/Journeys/brokers.py").path, kind] + arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = Self.line(from: output.fileHandleForReading)
    guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], let url = object["url"] as? String else {
      throw Failed(description: "no \(kind) broker; script/setup installs it. It said: \(line)")
    }
    self.url = url
    state = Mutex(State(process: process, input: input.fileHandleForWriting, output: output.fileHandleForReading))
  }

  /// SIGKILL to the broker and all it started.
  func kill() { order("kill") }
  /// Starts it again with the same port and data.
  func start() { order("start") }
  func pause() { order("pause") }
  func resume() { order("resume") }

  private func order(_ word: String) {
    state.withLock { state in
      state.input.write(Data("\(word)\n".utf8))
      _ = Self.line(from: state.output)
    }
  }

  private static func line(from file: FileHandle) -> String {
    var bytes: [UInt8] = []
    while let byte = try? file.read(upToCount: 1)?.first, byte != 10 { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let servers = Mutex<[String: Result<BrokerServer, any Error>]>([:])

  /// The one broker of the kind that the tests of this process use together, each under names of its own.
  static func shared(_ kind: String) throws -> BrokerServer {
    try servers.withLock { servers in
      if let server = servers[kind] { return try server.get() }
      let server = Result { try BrokerServer(kind) }
      servers[kind] = server
      return try server.get()
    }
  }
}
