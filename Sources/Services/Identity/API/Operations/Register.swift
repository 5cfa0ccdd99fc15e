public import ServiceKit
public import Wire

/// Opens an account and signs in.
@Wire public struct Register: Operation {
  public static let address = OperationAddress("identity", "register")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = RegisterRefusal

  @Field(.length(3...254)) public var email: String
  /// At least 8 characters, at most 72 bytes.
  @Field(.length(8...72)) public var password: String
  @Field(.length(0...100)) public var firstName: String?
  @Field(.length(0...100)) public var lastName: String?
  @Field(.length(0...32)) public var phone: String?
  public var role: SignUpRole = SignUpRole.customer
}

/// What a person may sign up as without being asked by anyone.
public enum SignUpRole: String, WireEnum, Hashable {
  case customer
  case deliveryPartner = "delivery_partner"
}

/// Why an account cannot be opened.
public enum RegisterRefusal: String, WireEnum, Refusal {
  case emailTaken = "email_taken"
  public var kind: RefusalKind { .conflict }
}
