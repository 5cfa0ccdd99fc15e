import Kernel
import NIOCore
import Wire

/// What goes back to the client.
public struct WebResponse: Sendable {
  public var status: Int
  public var contentType: String
  public var body: [UInt8]
  public var headers: [(name: String, value: String)]
  /// Whether it may be kept by whoever carries it, and for how long.
  public var cacheControl: String
  /// What a page may load; nothing unless told otherwise.
  public var contentSecurityPolicy: String

  public init(
    _ status: Int = 200, contentType: String = "application/json", body: [UInt8] = [], headers: [(name: String, value: String)] = [],
    cacheControl: String = "no-store", contentSecurityPolicy: String = "default-src 'none'; frame-ancestors 'none'"
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.headers = headers
    self.cacheControl = cacheControl
    self.contentSecurityPolicy = contentSecurityPolicy
  }

  public init(_ status: Int = 200, contentType: String, text: String) {
    self.init(status, contentType: contentType, body: Array(text.utf8))
  }
}

extension ByteBuffer {
  /// Appends a whole HTTP/1.1 response: head and body in one buffer, and so in one write.
  mutating func write(
    _ response: WebResponse, correlationID: String, date: [UInt8], keepAlive: Bool, isHead: Bool, isBehindTLS: Bool
  ) {
    reserveCapacity(minimumWritableBytes: response.body.count + 640)
    writeStaticString("HTTP/1.1 ")
    writeString(String(response.status))
    writeStaticString(" ")
    writeString(Problem.title(of: response.status))
    writeStaticString("\r\nDate: ")
    writeBytes(date)
    let hasBody = response.status != 204 && response.status != 304
    if hasBody {
      writeStaticString("\r\nContent-Type: ")
      writeString(response.contentType)
      writeStaticString("\r\nContent-Length: ")
      writeString(String(response.body.count))
    }
    writeStaticString("\r\nX-Correlation-ID: ")
    writeString(correlationID)
    writeStaticString("\r\nCache-Control: ")
    writeString(response.cacheControl)
    for (name, value) in response.headers {
      writeStaticString("\r\n")
      writeString(name)
      writeStaticString(": ")
      writeString(value)
    }
    writeStaticString(
      "\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: ")
    writeString(response.contentSecurityPolicy)
    if isBehindTLS { writeStaticString("\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains") }
    writeString(keepAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
    if hasBody, !isHead { writeBytes(response.body) }
  }
}

/// The moment as HTTP writes it: `Sat, 21 Nov 2026 13:12:59 GMT`.
func httpDate(_ instant: Instant) -> [UInt8] {
  let text = Array(instant.description.utf8)
  let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]  // 1970-01-01 was a Thursday.
  let months: [StaticString] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  let month = Int(text[5] - 48) * 10 + Int(text[6] - 48)
  func part(_ range: ClosedRange<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
  let day = days[instant.milliseconds / 86_400_000 % 7]
  return Array("\(day), \(part(8...9)) \(months[month - 1]) \(part(0...3)) \(part(11...18)) GMT".utf8)
}
