import Kernel
import OrderingAPI
import ServiceKit

/// Decides who may follow which channel.
struct ChannelGate: Sendable {
  /// The answer to a wish to join.
  enum Verdict: Sendable, Equatable { case open, hidden, notSignedIn, unavailable }

  let switchboard: Switchboard
  let isCityPublic: Bool

  func verdict(on channel: String, for caller: Caller) async -> Verdict {
    let parts = channel.split(separator: ":", maxSplits: 1)
    let id = parts.count == 2 ? String(parts[1]) : ""
    switch parts.first {
    case "city" where id.isEmpty: return isCityPublic || caller.hasAny(of: Role.administrators) ? .open : denied(caller)
    case "tenant": return TenantID(id).map(caller.actsFor) ?? false ? .open : denied(caller)
    case "user": return UserID(id).map { caller.user == $0 } ?? false ? .open : denied(caller)
    case "partner": return UserID(id).map { caller.user == $0 && caller.has(.deliveryPartner) } ?? false ? .open : denied(caller)
    case "order":
      guard let order = OrderID(id), caller.user != nil else { return denied(caller) }
      let answer = try? await Caller.$current.withValue(.system) { try await switchboard.call(MayFollowOrder(orderId: order, caller: caller)) }
      guard let answer else { return .unavailable }
      return answer.mayFollow ? .open : .hidden
    default: return .hidden
    }
  }

  /// What a caller may not know looks the same as what does not exist.
  private func denied(_ caller: Caller) -> Verdict { caller.user == nil ? .notSignedIn : .hidden }
}
