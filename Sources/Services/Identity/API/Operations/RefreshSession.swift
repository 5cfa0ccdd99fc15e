public import ServiceKit
public import Wire

/// Trades a refresh token for a new pair; a token that was traded before ends the whole session.
@Wire public struct RefreshSession: Operation {
  public static let address = OperationAddress("identity", "refreshSession")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = RefreshSessionRefusal

  @Field(.length(1...200)) public var refreshToken: String
}

/// Why a refresh token is worth nothing.
public enum RefreshSessionRefusal: String, WireEnum, Refusal {
  case unknown = "refresh_token_invalid"
  case reused = "refresh_token_reused"
  public var kind: RefusalKind { .unproven }
}
