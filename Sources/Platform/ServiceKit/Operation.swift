public import Wire

/// One thing a service can be asked to do; the value is the request.
public protocol Operation: WireObject, Hashable where Draft.Whole == Self {
  associatedtype Reply: WireValue = Done
  associatedtype Refusal: ServiceKit.Refusal = Never
  /// The service that answers, and the stable wire name.
  static var address: OperationAddress { get }
  static var access: Access { get }
  static var repeatability: Repeatability { get }
  /// The tenant that the request names, which must be the caller's own.
  var namedTenant: TenantID? { get }
}

extension Operation {
  public var namedTenant: TenantID? { nil }
}

/// Where an operation is answered, such as `ordering.addItem`.
public struct OperationAddress: Hashable, Sendable, CustomStringConvertible {
  public let service: String
  public let name: String

  public init(_ service: String, _ name: String) {
    self.service = service
    self.name = name
  }

  public var description: String { "\(service).\(name)" }
}

/// Whether a request may be sent again after its reply was lost.
public enum Repeatability: Sendable { case safe, idempotent, once }

/// The reply of an operation that has nothing to tell.
@Wire public struct Done: Hashable, Sendable {}

/// A reason of the domain for not doing what was asked; it crosses processes as it is.
public protocol Refusal: Error, WireValue, Hashable {
  /// A stable snake_case word for programs.
  var code: String { get }
  var kind: RefusalKind { get }
  /// One sentence for people.
  var detail: String { get }
  /// The fields that the refusal is about, if any.
  var faults: [Fault] { get }
  /// When asking again makes sense, where that is known.
  var retryAfterSeconds: Int? { get }
  /// The kinds that can come, for the description of the interface; all of them where the type cannot tell.
  static var kinds: Set<RefusalKind> { get }
  /// The codes that can come, as far as the type can tell.
  static var codes: [String] { get }
}

extension Refusal {
  public var detail: String { code.replacing("_", with: " ") }
  public var faults: [Fault] { [] }
  public var retryAfterSeconds: Int? { kind == .unavailable ? 5 : nil }
  public static var kinds: Set<RefusalKind> { Set(RefusalKind.allCases) }
  public static var codes: [String] { [] }
}

extension Refusal where Self: WireEnum {
  public var code: String { rawValue }
  public static var kinds: Set<RefusalKind> { Set(allCases.map(\.kind)) }
  public static var codes: [String] { allCases.map(\.rawValue) }
}

/// How a refusal reads to HTTP.
public enum RefusalKind: Int, Sendable, CaseIterable {
  /// Wrong proof of who asks: a password, a code, a refresh token.
  case unproven = 401
  /// Known who asks, and it is not theirs to ask.
  case forbidden = 403
  case hidden = 404, conflict = 409, stale = 412, ruled = 422
  /// Asked too often; `retryAfterSeconds` tells when to come back.
  case limited = 429
  /// Not now: something it needs is gone for a while.
  case unavailable = 503
}

extension Never: Refusal {
  public static func read(_ reader: inout JSONReader) -> Never? { reader.reject("cannot be") }
  public func write(to writer: inout JSONWriter) {}
  public static var schema: Schema { Schema(.oneOf([])) }
  public var code: String { switch self {} }
  public var kind: RefusalKind { switch self {} }
  public static var kinds: Set<RefusalKind> { [] }
}
