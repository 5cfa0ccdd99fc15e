public import ServiceKit
public import Wire

/// The account of who asks.
@Wire public struct ReadMe: Operation {
  public static let address = OperationAddress("identity", "readMe")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Account
  public typealias Refusal = ReadMeRefusal
}

/// Why there is no account to read.
public enum ReadMeRefusal: String, WireEnum, Refusal {
  case userUnknown = "user_unknown"
  public var kind: RefusalKind { .hidden }
}
