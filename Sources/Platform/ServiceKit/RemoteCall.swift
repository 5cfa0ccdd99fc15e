public import Wire

/// An encoded operation on its way to another process.
public struct RemoteCall: Sendable {
  public let address: OperationAddress
  /// The operation as JSON.
  public let body: [UInt8]
  public let caller: Caller
  public let repeatability: Repeatability

  public init(_ address: OperationAddress, body: [UInt8], caller: Caller, repeatability: Repeatability) {
    self.address = address
    self.body = body
    self.caller = caller
    self.repeatability = repeatability
  }
}

/// What came back from another process.
public enum RemoteAnswer: Sendable {
  case reply([UInt8])
  case refused([UInt8])
  case denied(Denial)
  case invalid(InvalidInput)
  case unavailable(Unavailable)
  case failed(String)
}
