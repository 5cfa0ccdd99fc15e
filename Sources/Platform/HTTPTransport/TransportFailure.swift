/// How a call failed on its way, seen from the caller.
enum TransportFailure: Error, CustomStringConvertible {
  /// Nobody took the connection: surely not begun, and a sign that the instance is ill.
  case refused(String)
  /// The instance is stopping, or does not host the service: surely not begun, and nobody is ill.
  case turnedAway(String)
  /// Sent, and no answer came: it may have been carried out.
  case lost(String)

  /// Whether it may be asked of another instance whatever the operation.
  var isUnbegun: Bool { if case .lost = self { false } else { true } }
  /// Whether it speaks against the instance.
  var isIllness: Bool { if case .turnedAway = self { false } else { true } }

  var description: String {
    switch self {
    case .refused(let reason), .turnedAway(let reason), .lost(let reason): reason
    }
  }
}
