import NIOHPACK
import ServiceKit
import Wire

/// How a `RemoteAnswer` travels: the header `tiffin-answer` names its kind, the body is JSON.
///
/// | answer | status | body |
/// |---|---|---|
/// | reply | 200 | the reply |
/// | refused | 422 | the refusal |
/// | denied | 403 | the denial's word |
/// | invalid | 400 | every fault with its path |
/// | unavailable | 503 | why, and after how many seconds to come back |
/// | failed | 500 | why, for the log |
struct AnswerForm: Sendable {
  var status: Int
  var headers: [(name: String, value: String)]
  var body: [UInt8]

  init(_ answer: RemoteAnswer, remarks: ReplyRemarks? = nil) {
    let (status, kind, body) = Self.parts(answer)
    self.status = status
    self.body = body
    headers = [("tiffin-answer", kind)]
    guard let remarks else { return }
    if remarks.isReplay { headers.append(("tiffin-replay", "true")) }
    if let location = remarks.location { headers.append(("tiffin-location", location)) }
    for cookie in remarks.cookies {
      let form = CookieForm(name: cookie.name, value: cookie.value, maxAgeSeconds: cookie.maxAgeSeconds, isLax: cookie.isLax)
      headers.append(("tiffin-cookie", String(decoding: encode(form), as: UTF8.self)))
    }
  }

  /// An answer that tells that the operation was surely not begun here, so that it may be asked of another instance.
  static func turnedAway(_ reason: String) -> AnswerForm {
    var form = AnswerForm(.unavailable(Unavailable(reason, retryAfterSeconds: 1)))
    form.headers.append(("tiffin-unbegun", "true"))
    return form
  }

  private static func parts(_ answer: RemoteAnswer) -> (Int, String, [UInt8]) {
    switch answer {
    case .reply(let bytes): (200, "reply", bytes)
    case .refused(let bytes): (422, "refused", bytes)
    case .denied(let denial): (403, "denied", encode(denial))
    case .invalid(let input):
      (
        400, "invalid",
        encode(InvalidForm(faults: input.all.map { FaultForm(path: $0.path, message: $0.message) }, isMalformed: input.isMalformed))
      )
    case .unavailable(let why): (503, "unavailable", encode(UnavailableForm(reason: why.reason, retryAfterSeconds: why.retryAfterSeconds)))
    case .failed(let reason): (500, "failed", encode(FailedForm(reason: reason)))
    }
  }

  /// The answer that a response brings, its remarks noted for the edge.
  ///
  /// - Throws: `TransportFailure` when the other side did not begin, or what it sent is no answer.
  static func answer(_ headers: HPACKHeaders, _ body: [UInt8]) throws -> RemoteAnswer {
    if headers.first(name: "tiffin-unbegun") != nil {
      throw TransportFailure.turnedAway((try? decode(UnavailableForm.self, from: body))?.reason ?? "turned away")
    }
    if let remarks = CallContext.remarks {
      if headers.first(name: "tiffin-replay") != nil { remarks.markReplay() }
      for text in headers["tiffin-cookie"] {
        let cookie = try decode(CookieForm.self, from: Array(text.utf8))
        remarks.setCookie(cookie.name, cookie.value, maxAgeSeconds: cookie.maxAgeSeconds, isLax: cookie.isLax)
      }
      if let location = headers.first(name: "tiffin-location") { remarks.redirect(to: location) }
    }
    switch headers.first(name: "tiffin-answer") {
    case "reply": return .reply(body)
    case "refused": return .refused(body)
    case "denied": return .denied(try decode(Denial.self, from: body))
    case "invalid":
      let form = try decode(InvalidForm.self, from: body)
      return .invalid(InvalidInput(form.faults.map { Fault(path: $0.path, message: $0.message) }, isMalformed: form.isMalformed))
    case "unavailable":
      let form = try decode(UnavailableForm.self, from: body)
      return .unavailable(Unavailable(form.reason, retryAfterSeconds: form.retryAfterSeconds))
    case "failed": return .failed(try decode(FailedForm.self, from: body).reason)
    default:
      return .failed("status \(headers.first(name: ":status") ?? "none") without an answer: \(String(decoding: body.prefix(300), as: UTF8.self))")
    }
  }
}

/// What is wrong with a request, on its way back.
@Wire struct InvalidForm: Hashable, Sendable {
  var faults: [FaultForm]
  var isMalformed: Bool
}

@Wire struct FaultForm: Hashable, Sendable {
  var path: String
  var message: String
}

@Wire struct UnavailableForm: Hashable, Sendable {
  var reason: String
  var retryAfterSeconds: Int
}

@Wire struct FailedForm: Hashable, Sendable {
  var reason: String
}

@Wire struct CookieForm: Hashable, Sendable {
  var name: String
  var value: String
  var maxAgeSeconds: Int
  var isLax: Bool = false
}
