public import Wire

/// What a server answered instead of what was asked of it (RFC 9457).
public struct WebProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let status: Int
  /// The stable word for programs, such as `price_changed`; `http_503` where the answer names none.
  public let code: String
  public let detail: String
  public let faults: [Fault]

  public init(status: Int, code: String? = nil, detail: String = "", faults: [Fault] = []) {
    self.status = status
    self.code = code ?? "http_\(status)"
    self.detail = detail
    self.faults = faults
  }

  init(status: Int, body: [UInt8]) {
    guard let problem = try? decode(ProblemBody.self, from: body) else {
      self.init(status: status, detail: String(decoding: body.prefix(200), as: UTF8.self))
      return
    }
    let faults = problem.errors.map { Fault(path: $0.path ?? $0.field ?? "", message: $0.message ?? "") }
    self.init(status: status, code: problem.code, detail: problem.detail ?? problem.title ?? "", faults: faults)
  }

  public var description: String {
    let listed = faults.isEmpty ? "" : " (\(faults.map(\.description).joined(separator: "; ")))"
    return "\(status) \(code)\(detail.isEmpty ? "" : ": \(detail)")\(listed)"
  }
}

/// The parts of a problem document that a client uses.
@Wire struct ProblemBody {
  var code: String?
  var title: String?
  var detail: String?
  var errors: [ProblemField] = []
}

@Wire struct ProblemField {
  var path: String?
  var field: String?
  var message: String?
}

/// No whole answer came: refused, reset, timed out, or not what HTTP allows.
public struct NoAnswer: Error, Sendable, CustomStringConvertible {
  public let request: String
  public let reason: String

  public init(request: String, reason: String) {
    self.request = request
    self.reason = reason
  }

  public var description: String { "\(request): \(reason)" }
}
