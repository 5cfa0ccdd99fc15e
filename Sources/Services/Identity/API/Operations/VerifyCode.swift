public import Kernel
public import ServiceKit
public import Wire

/// Signs in with the code that was sent to a phone; opens an account for a number that has none.
@Wire public struct VerifyCode: Operation {
  public static let address = OperationAddress("identity", "verifyCode")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = VerifyCodeRefusal

  @Field(.length(4...32)) public var phone: String
  /// Six digits.
  @Field(.length(6...6)) public var otp: String
  public var tenantId: TenantID?

  public var namedTenant: TenantID? { tenantId }
}

/// Why a code signs nobody in.
public enum VerifyCodeRefusal: String, WireEnum, Refusal {
  /// Wrong, too old, or used before.
  case wrongCode = "code_wrong"
  /// Tried too often; the right one is worth nothing any more either.
  case spent = "code_spent"
  case accountDisabled = "account_disabled"

  public var kind: RefusalKind { self == .accountDisabled ? .forbidden : .unproven }
  public var detail: String {
    switch self {
    case .wrongCode: "the code is wrong, too old or used up"
    case .spent: "too many wrong codes; ask for a new one"
    case .accountDisabled: "the account is disabled"
    }
  }
}
