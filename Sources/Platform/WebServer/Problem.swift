public import ServiceKit
public import Wire

/// An answer that says why not, as RFC 9457 has it.
public struct Problem: Error, Hashable, Sendable {
  public var status: Int
  /// A stable snake_case word for programs.
  public var code: String
  /// One sentence for people.
  public var detail: String
  /// What is wrong with which field.
  public var faults: [Fault]
  /// When to come back.
  public var retryAfterSeconds: Int?
  /// The methods that the path knows, for 405.
  public var allow: [String]

  public init(
    _ status: Int, _ code: String, _ detail: String, faults: [Fault] = [], retryAfterSeconds: Int? = nil, allow: [String] = []
  ) {
    self.status = status
    self.code = code
    self.detail = detail
    self.faults = faults
    self.retryAfterSeconds = retryAfterSeconds
    self.allow = allow
  }

  /// The status in words.
  public var title: String { Self.title(of: status) }

  static func title(of status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 204: "No Content"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 409: "Conflict"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 503: "Service Unavailable"
    case 200..<300: "Success"
    default: "Error"
    }
  }
}

extension Problem {
  public init(_ faults: InvalidInput) {
    self.init(
      400, faults.isMalformed ? "malformed_json" : "invalid_input",
      faults.isMalformed ? "The body is not valid JSON." : "Some fields are not valid.", faults: faults.all)
  }

  public init(_ denial: Denial) {
    switch denial {
    case .notSignedIn: self.init(401, denial.rawValue, "Sign in first.")
    case .forbidden: self.init(403, denial.rawValue, "You may not do this.")
    case .scopeMissing: self.init(403, denial.rawValue, "The key is not good for this: it lacks the scope.")
    case .tenantMismatch: self.init(403, denial.rawValue, "This belongs to another tenant than yours.")
    }
  }

  public init(_ unavailable: Unavailable) {
    self.init(503, "unavailable", "This cannot be done at the moment; please try again.", retryAfterSeconds: max(1, unavailable.retryAfterSeconds))
  }

  public init(refusal: some Refusal) {
    self.init(
      refusal.kind.rawValue, refusal.code, refusal.detail, faults: refusal.faults, retryAfterSeconds: refusal.retryAfterSeconds)
  }

  /// What the other side failed with is for the log alone.
  public static let `internal` = Problem(500, "internal", "Something went wrong on our side.")

  /// A call's failure as its problem; `nil` text for the log when nobody needs to look.
  public init<Reason: Refusal>(_ failure: CallFailure<Reason>) {
    switch failure {
    case .refused(let refusal): self.init(refusal: refusal)
    case .denied(let denial): self.init(denial)
    case .invalid(let faults): self.init(faults)
    case .unavailable(let unavailable): self.init(unavailable)
    case .failed: self = .internal
    }
  }

  /// Writes `application/problem+json`.
  public func write(to writer: inout JSONWriter, correlationID: String) {
    writer.raw(#"{"type":"#)
    writer.string("/docs/errors#\(code)")
    writer.raw(#","title":"#)
    writer.string(title)
    writer.raw(#","status":"#)
    writer.integer(status)
    writer.raw(#","detail":"#)
    writer.string(detail)
    writer.raw(#","code":"#)
    writer.string(code)
    writer.raw(#","errors":["#)
    for (index, fault) in faults.enumerated() {
      if index > 0 { writer.raw(0x2C) }
      writer.raw(#"{"field":"#)
      writer.string(fault.path)
      writer.raw(#","message":"#)
      writer.string(fault.message)
      writer.raw(0x7D)
    }
    writer.raw(#"],"correlationId":"#)
    writer.string(correlationID)
    writer.raw("}")
  }
}

/// A failure that is a problem for who asked: of a call that a page made.
public protocol ProblemMaking: Error {
  var problem: Problem { get }
}

extension CallFailure: ProblemMaking {
  public var problem: Problem { Problem(self) }
}
