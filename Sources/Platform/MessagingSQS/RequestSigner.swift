import Crypto
import Foundation

/// Signs requests to Amazon's services: Signature Version 4, with its four steps of key, canonical request, string and header.
struct RequestSigner: Sendable {
  var credentials: SQSAddress.Credentials
  var region: String
  var service: String

  /// The value of the `Authorization` header.
  ///
  /// - Parameters:
  ///   - path: encoded as it is sent.
  ///   - query: pairs not encoded yet.
  ///   - headers: all that are signed, `host` and `x-amz-date` among them.
  ///   - date: the value of `x-amz-date`, such as `20150830T123600Z`.
  func authorization(
    method: String, path: String, query: [(String, String)] = [], headers: [(String, String)], body: [UInt8], date: String
  ) -> String {
    let (canonical, signed) = canonicalRequest(method: method, path: path, query: query, headers: headers, body: body)
    let scope = "\(date.prefix(8))/\(region)/\(service)/aws4_request"
    let text = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(Self.hex(SHA256.hash(data: Data(canonical.utf8))))"
    var key = SymmetricKey(data: Data("AWS4\(credentials.secret)".utf8))
    for part in [String(date.prefix(8)), region, service, "aws4_request"] {
      key = SymmetricKey(data: Data(HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key)))
    }
    let signature = Self.hex(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    return "AWS4-HMAC-SHA256 Credential=\(credentials.key)/\(scope), SignedHeaders=\(signed), Signature=\(signature)"
  }

  func canonicalRequest(method: String, path: String, query: [(String, String)], headers: [(String, String)], body: [UInt8]) -> (
    text: String, signed: String
  ) {
    var values: [String: [String]] = [:]
    for (name, value) in headers {
      let trimmed = value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
      values[name.lowercased(), default: []].append(trimmed)
    }
    let names = values.keys.sorted()
    let lines = names.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
    let signed = names.joined(separator: ";")
    let pairs = query.map { (Self.encoded($0), Self.encoded($1)) }.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    let hash = Self.hex(SHA256.hash(data: Data(body)))
    return ("\(method)\n\(path)\n\(pairs)\n\(lines)\n\(signed)\n\(hash)", signed)
  }

  /// Everything but letters, digits and `-._~` as percent and two capitals.
  private static func encoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.unicodeScalars.append(Unicode.Scalar(byte))
      default: out += "%" + Self.digit(byte >> 4).uppercased() + Self.digit(byte & 15).uppercased()
      }
    }
    return out
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String { bytes.map { digit($0 >> 4) + digit($0 & 15) }.joined() }
  private static func digit(_ value: UInt8) -> String { String(value, radix: 16) }
}
