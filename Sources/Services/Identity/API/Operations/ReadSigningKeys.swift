public import ServiceKit
public import Wire

/// The public keys that verify access tokens, as a JSON Web Key Set.
@Wire public struct ReadSigningKeys: Operation {
  public static let address = OperationAddress("identity", "readSigningKeys")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = KeySet
}

/// RFC 7517, section 5.
@Wire public struct KeySet: Hashable, Sendable {
  public var keys: [WebKey]
}

/// One public key on the curve P-256.
@Wire public struct WebKey: Hashable, Sendable {
  public var kty: String
  public var crv: String
  public var x: String
  public var y: String
  public var kid: String
  public var use: String
  public var alg: String
}
