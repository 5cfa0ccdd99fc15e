import Discovery
import HTTPTransport
import Hosting
import Kernel
import Persistence
import ServiceKit
import Settings

extension ClusterChoice {
  /// For `tiffin doctor`: who is there, how they are, and whether they believe this process; changes nothing.
  ///
  /// - Returns: what was found, each with whether it is as it should be; nothing in an installation that is one process.
  func check(_ services: ServiceChoice, _ choice: DatabaseChoice, time: TimeSource, ids: IdentifierSource) async throws -> [(
    isFine: Bool, text: String
  )] {
    guard let place else { return [] }
    let own: Opened<any Database>? = if case .ownDatabase = place { try choice.open() } else { nil }
    let machineTime = Clock.machineTime()
    guard let registry = try open(own?.value ?? NoDatabase(), choice, machineTime: machineTime) else { return [] }
    let directory = Directory(
      registry.value, own: Instance(id: "doctor", address: "", services: [], version: productVersion), time: machineTime)
    let peers = PeerTable(directory, time: machineTime, ids: ids, loops: 1)
    var findings: [(isFine: Bool, text: String)] = []
    do {
      try await directory.look()
      await peers.check()
      for (instance, health) in peers.health {
        findings.append((health == .up, "\(instance.id) (\(instance.services.joined(separator: ","))) at \(instance.address) is \(health.rawValue)"))
      }
      let found = Set(peers.health.flatMap(\.instance.services))
      let hosted = Set(services.hosted.map { $0.name })
      for service in services.hosted.flatMap({ $0.calls }) where !hosted.contains(service) && !found.contains(service) {
        findings.append((false, "no process hosts \(service), which this one calls; start one, or name it in cluster.services"))
      }
      let caller = RemoteCaller(
        peers, identity: ServiceIdentity(secrets: secrets, window: window, time: machineTime), sender: "doctor", time: time, machineTime: machineTime,
        ids: ids)
      for service in found.sorted() {
        // No service has it: who believes us says so, who does not says that.
        let probe = RemoteCall(OperationAddress(service, "doctorsProbe"), body: Array("{}".utf8), caller: .anonymous, repeatability: .once)
        if case .failed(let reason) = try await caller.call(probe) {
          findings.append((false, "\(service) does not believe this process: \(reason)"))
        }
      }
    } catch { findings.append((false, "the registry cannot be read: \(error)")) }
    await peers.close()
    await registry.close()
    await own?.close()
    return findings
  }
}
