import Foundation
import Synchronization

/// A PostgreSQL server of the tests' own, on a free port and in a temporary folder; it goes when the tests end.
final class PostgresCluster: Sendable {
  /// The one that all tests of this process share.
  static let shared = Result { try PostgresCluster() }

  let url: String
  private let server: Process
  private let folder: String

  private init() throws {
    guard let place = Self.place else { throw NoPostgres("no PostgreSQL under /usr/lib/postgresql; install the Debian package postgresql") }
    let files = FileManager.default
    folder = NSTemporaryDirectory() + "/tiffin-pg-\(ProcessInfo.processInfo.processIdentifier)"
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // The server refuses to run as root.
    let account: [String]
    if getuid() == 0 {
      guard let user = getpwnam("postgres") else { throw NoPostgres("the server does not run as root, and there is no user postgres") }
      guard chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else { throw NoPostgres("\(folder) cannot be given to postgres") }
      account = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    } else {
      account = []
    }
    try Self.run(
      account + [
        "\(place)/initdb", "-D", "\(folder)/data", "-A", "trust", "-U", "tiffin", "--no-sync", "--no-instructions", "--locale=C", "-E", "UTF8"
      ])
    let port = Self.freePort()
    url = "postgres://tiffin@127.0.0.1:\(port)/postgres"
    server = Process()
    // Whoever tests may be killed: the server goes with them.
    let command =
      (account.isEmpty ? ["/usr/bin/setpriv"] : account) + ["--pdeathsig=QUIT", "\(place)/postgres", "-D", "\(folder)/data", "-p", "\(port)"]
      + [
        "listen_addresses=127.0.0.1", "unix_socket_directories=\(folder)", "max_connections=1000", "shared_buffers=128MB",
        // Nothing here outlives the tests: what is durable is tested on a server of its own.
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"
      ].flatMap { ["-c", $0] }
    server.executableURL = URL(fileURLWithPath: command[0])
    server.arguments = Array(command.dropFirst())
    server.currentDirectoryURL = URL(fileURLWithPath: folder)
    server.standardInput = FileHandle.nullDevice
    _ = files.createFile(atPath: "\(folder)/log", contents: nil)
    server.standardError = FileHandle(forWritingAtPath: "\(folder)/log")
    try server.run()
    for _ in 0..<200 {
      if (try? Self.run(["\(place)/pg_isready", "-q", "-h", "127.0.0.1", "-p", "\(port)"])) != nil { break }
      usleep(50_000)
    }
    atexit { if case .success(let cluster) = PostgresCluster.shared { cluster.stop() } }
  }

  private func stop() {
    kill(server.processIdentifier, SIGQUIT)
    server.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The folder of the newest server that is installed.
  private static var place: String? {
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init).sorted()
    return versions.last.map { "\(root)/\($0)/bin" }
  }

  private static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NoPostgres("\(command.joined(separator: " ")) ended with \(process.terminationStatus)") }
  }

  private static func freePort() -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length)
        getsockname(descriptor, pointer, &length)
      }
      return Int(UInt16(bigEndian: $0.pointee.sin_port))
    }
  }
}

/// Why there is no server to test on.
struct NoPostgres: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
