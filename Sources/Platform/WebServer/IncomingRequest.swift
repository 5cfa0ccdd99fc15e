import NIOCore
import NIOHTTP1
import ServiceKit

/// A request as it comes in, whatever the version of HTTP: its head, then its body, within the limits.
struct IncomingRequest {
  private(set) var head: HTTPRequestHead?
  private(set) var headers = RequestHeaders(HTTPHeaders())
  private(set) var body: ByteBuffer?
  private let maximumHeaderBytes: Int
  private let maximumBodyBytes: Int

  init(_ limits: WebServerConfiguration) {
    maximumHeaderBytes = limits.maximumHeaderBytes
    maximumBodyBytes = limits.maximumBodyBytes
  }

  /// Takes the head; the problem where it is too long, or tells of a body that is.
  mutating func begin(_ head: HTTPRequestHead) -> Problem? {
    self.head = head
    headers = RequestHeaders(head.headers)
    body = nil
    if headers.size + head.uri.utf8.count > maximumHeaderBytes {
      return Problem(431, "headers_too_large", "The headers are longer than \(maximumHeaderBytes) bytes.")
    }
    if let length = headers.contentLength, length > maximumBodyBytes { return tooLarge }
    return nil
  }

  /// Takes a part of the body; the problem where the body is too long now.
  mutating func gather(_ bytes: ByteBuffer) -> Problem? {
    if body == nil { body = bytes } else { body!.writeImmutableBuffer(bytes) }
    return body!.readableBytes > maximumBodyBytes ? tooLarge : nil
  }

  /// Lets go of what was answered.
  mutating func clear() {
    head = nil
    body = nil
  }

  private var tooLarge: Problem { Problem(413, "body_too_large", "The body is longer than \(maximumBodyBytes) bytes.") }
}
