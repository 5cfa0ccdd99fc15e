public import ServiceKit
public import Wire

/// Finds out who bears a token or holds a session cookie: what the gateway asks where Identity runs in another process.
@Wire public struct IdentifyCaller: Operation {
  public static let address = OperationAddress("identity", "identifyCaller")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = KnownCaller
  /// An access token.
  public var bearer: String?
  /// What the browser keeps; asked for only without a token.
  public var cookie: String?
}

/// Who somebody is.
@Wire public struct KnownCaller: Hashable, Sendable {
  /// Nobody when the proof is forged or expired, or its session has ended.
  public var caller: Caller?
}
