import NIOCore
import NIOPosix

/// A port of this machine that nobody listens on; somebody else may take it before it is used.
public func freeLoopbackPort() async throws -> Int {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
  let port = channel.localAddress?.port
  try await channel.close()
  try await group.shutdownGracefully()
  guard let port else { throw NoAnswer(request: "bind 127.0.0.1", reason: "no port was given") }
  return port
}
