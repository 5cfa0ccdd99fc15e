public import Kernel
public import ServiceKit
public import Wire

/// Sends a one-time code to a phone.
@Wire public struct RequestCode: Operation {
  public static let address = OperationAddress("identity", "requestCode")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = CodeSent
  public typealias Refusal = RequestCodeRefusal

  /// As E.164 has it, such as +442071838750; signs between the digits do not matter.
  @Field(.length(4...32)) public var phone: String
  /// Where the customer is about to order; an account is good for every tenant.
  public var tenantId: TenantID?

  public var namedTenant: TenantID? { tenantId }
}

/// A code is on its way.
@Wire public struct CodeSent: Hashable, Sendable {
  public var message: String
  /// Until when the code is good.
  public var expiresAt: Instant
  /// When another one can be asked for.
  public var resendAt: Instant
}

/// Why no code is sent.
public enum RequestCodeRefusal: String, WireEnum, Refusal {
  case sentJustNow = "code_sent_just_now"
  public var kind: RefusalKind { .limited }
  public var detail: String { "a code was sent just now; another one can be sent after 30 seconds" }
  public var retryAfterSeconds: Int? { 30 }
}
