import Foundation
import RedisClient
import ServiceKit
import TestKit
import WebClient

/// A redis-server of the test's own, on a free port, its data in a folder that goes with the test.
final class RedisServer: @unchecked Sendable {
  let port: Int
  private let folder: String
  private let arguments: [String]
  private let isSentinel: Bool
  private var process: Process?

  init(port: Int? = nil, isSentinel: Bool = false, _ arguments: [String] = []) async throws {
    self.port = if let port { port } else { try await freeLoopbackPort() }
    self.isSentinel = isSentinel
    folder = (temporaryPath("redis") as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    self.arguments = arguments
  }

  /// A file of the server's folder.
  func write(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  func start() async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
    let plain = ["--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--daemonize", "no", "--loglevel", "warning"]
    process.arguments =
      isSentinel ? arguments + ["--sentinel"] : (arguments.contains("--port") ? arguments + ["--dir", folder, "--save", ""] : plain + arguments)
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    self.process = process
    let tools = arguments
    try await eventually(within: .seconds(20), "redis-server on \(port)") { [port] in
      let answer = try run("/usr/bin/redis-cli", Self.access(tools) + ["-p", "\(port)", "PING"])
      return answer.contains("PONG") || answer.contains("NOAUTH")
    }
  }

  /// What redis-cli needs to be let in.
  private static func access(_ arguments: [String]) -> [String] {
    var access: [String] = ["--no-auth-warning"]
    if let at = arguments.firstIndex(of: "--requirepass") { access += ["-a", arguments[at + 1]] }
    if let at = arguments.firstIndex(of: "--tls-ca-cert-file") { access += ["--tls", "--cacert", arguments[at + 1]] }
    return access
  }

  /// What redis-cli answers: an eye from outside.
  @discardableResult
  func cli(_ words: String...) throws -> String { try run("/usr/bin/redis-cli", Self.access(arguments) + ["-p", "\(port)"] + words) }

  /// As the kernel does it.
  func kill() {
    guard let process, process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    self.process = nil
  }

  /// Stands still without dying; `SIGCONT` lets it go on.
  func signal(_ number: Int32) { if let process { Foundation.kill(process.processIdentifier, number) } }

  var address: RedisAddress { get throws { try RedisAddress("redis://127.0.0.1:\(port)") } }

  deinit { kill() }
}

/// Runs a tool to its end and answers what it printed.
///
/// Not by Foundation's `Process`: when it looks through `/proc/self/fd` it copies each entry at its greatest length, and now and then
/// dies of what lies behind the last one. Thousands of calls of redis-cli meet that; the start of a server hardly ever does.
@discardableResult
func run(_ path: String, _ arguments: [String]) throws -> String {
  let words = ([path] + arguments).map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }
  guard let stream = popen(words.joined(separator: " ") + " 2>&1", "r") else { throw CocoaError(.fileNoSuchFile) }
  defer { pclose(stream) }
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { output += buffer[..<count] }
  return String(decoding: output, as: UTF8.self)
}

/// Six servers that make a cluster: three masters, each with a replica.
struct RedisCluster {
  let servers: [RedisServer]

  init() async throws {
    var servers: [RedisServer] = []
    for _ in 0..<6 {
      var port = try await freeLoopbackPort()
      // Its bus has a port ten thousand higher, which must exist.
      while port > 55_000 { port = try await freeLoopbackPort() }
      servers.append(
        try await RedisServer(port: port, ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-replica-validity-factor", "0"]))
    }
    for server in servers { try await server.start() }
    self.servers = servers
    let all = servers
    let places = servers.map { "127.0.0.1:\($0.port)" }
    try run("/usr/bin/redis-cli", ["--cluster", "create"] + places + ["--cluster-replicas", "1", "--cluster-yes"])
    try await eventually(within: .seconds(30), "the cluster") {
      try all.allSatisfy { try $0.cli("CLUSTER", "INFO").contains("cluster_state:ok") }
    }
    // Published messages go from node to node over these links.
    try await eventually(within: .seconds(30), "links between all") {
      try all.allSatisfy { server in
        let lines = try server.cli("CLUSTER", "NODES").split(separator: "\n")
        let links = try server.cli("CLUSTER", "LINKS").components(separatedBy: "direction")
        return lines.count == 6 && lines.allSatisfy { $0.contains(" connected") && !$0.contains("handshake") } && links.count == 11
      }
    }
    try await eventually(within: .seconds(30), "three replicas") {
      try all[0].cli("CLUSTER", "NODES").components(separatedBy: "\n").filter { $0.contains("slave") && !$0.contains("fail") }.count == 3
    }
  }

  var address: RedisAddress {
    get throws { try RedisAddress("redis+cluster://127.0.0.1:\(servers[0].port),127.0.0.1:\(servers[1].port)") }
  }

  /// Who has the slot now, and its id.
  func owner(of slot: Int, asking place: Int = 0) throws -> (server: RedisServer, id: String)? {
    for line in try servers[place].cli("CLUSTER", "NODES").components(separatedBy: "\n") where line.contains("master") && !line.contains("fail") {
      let words = line.split(separator: " ")
      let port = words[1].split(separator: "@")[0].split(separator: ":").last.flatMap { Int($0) }
      for range in words.dropFirst(8) where !range.hasPrefix("[") {
        let ends = range.split(separator: "-").compactMap { Int($0) }
        if let first = ends.first, let last = ends.last, first...last ~= slot, let server = servers.first(where: { $0.port == port }) {
          return (server, String(words[0]))
        }
      }
    }
    return nil
  }
}
