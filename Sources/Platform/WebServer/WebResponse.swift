import Kernel
import NIOCore
import NIOHTTP1
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

extension WebResponse {
  /// What goes with every response, for the safety of who reads it; the policy of the content comes last.
  private static let safety = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer")]

  fileprivate static let safetyLines = Array((safety.map { "\r\n\($0.0): \($0.1)" }.joined() + "\r\nContent-Security-Policy: ").utf8)

  /// The head of the response where the protocol writes it by itself: HTTP/2.
  func head(correlationID: String, date: [UInt8], hasTLS: Bool) -> HTTPResponseHead {
    var fields = HTTPHeaders([("date", String(decoding: date, as: UTF8.self))])
    if hasBody {
      fields.add(name: "content-type", value: contentType)
      fields.add(name: "content-length", value: String(body.count))
    }
    fields.add(name: "x-correlation-id", value: correlationID)
    fields.add(name: "cache-control", value: cacheControl)
    for (name, value) in headers + Self.safety { fields.add(name: name.lowercased(), value: value) }
    fields.add(name: "content-security-policy", value: contentSecurityPolicy)
    if hasTLS { fields.add(name: "strict-transport-security", value: "max-age=31536000; includeSubDomains") }
    return HTTPResponseHead(version: .http2, status: HTTPResponseStatus(statusCode: status), headers: fields)
  }

  var hasBody: Bool { status != 204 && status != 304 }
}

extension ByteBuffer {
  /// Appends a whole HTTP/1.1 response: head and body in one buffer, and so in one write.
  mutating func write(
    _ response: WebResponse, correlationID: String, date: [UInt8], keepAlive: Bool, isHead: Bool, hasTLS: Bool
  ) {
    reserveCapacity(minimumWritableBytes: response.body.count + 640)
    writeStaticString("HTTP/1.1 ")
    writeString(String(response.status))
    writeStaticString(" ")
    writeString(Problem.title(of: response.status))
    writeStaticString("\r\nDate: ")
    writeBytes(date)
    if response.hasBody {
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
    writeBytes(WebResponse.safetyLines)
    writeString(response.contentSecurityPolicy)
    if hasTLS { writeStaticString("\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains") }
    writeString(keepAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
    if response.hasBody, !isHead { writeBytes(response.body) }
  }
}
