import Kernel
import NIOHPACK
import ServiceKit
import Wire

/// What a call says beside the operation itself, as headers; all of it is signed.
struct CallSheet: Hashable, Sendable {
  /// Such as `/operations/ordering.placeOrder`.
  var path: String
  /// The caller as JSON.
  var caller: String
  var correlation: String
  /// How long the caller still waits, on the services' time, in milliseconds.
  var patience: Int
  /// The instance that sends it.
  var sender: String
  /// The instance that it is meant for.
  var target: String
  /// When it was signed, on the machine's clock, in milliseconds since 1970.
  var time: Int
  /// Never the same twice.
  var nonce: String

  static let prefix = "/operations/"

  /// The operation that the path names.
  static func address(of path: String) -> OperationAddress? {
    guard path.hasPrefix(prefix), let dot = path.dropFirst(prefix.count).firstIndex(of: ".") else { return nil }
    return OperationAddress(String(path[..<dot].dropFirst(prefix.count)), String(path[path.index(after: dot)...]))
  }

  /// Each field with its length before it, so that no two sheets read alike.
  var signedText: [UInt8] {
    var text = "tiffin-call-1\n"
    for field in [path, caller, correlation, String(patience), sender, target, String(time), nonce] { text += "\(field.utf8.count):\(field)\n" }
    return Array(text.utf8)
  }

  /// The headers of the request that carries it.
  func headers(signature: String) -> HPACKHeaders {
    var headers = HPACKHeaders()
    headers.reserveCapacity(14)
    headers.add(name: ":method", value: "POST")
    headers.add(name: ":scheme", value: "http")
    headers.add(name: ":path", value: path)
    headers.add(name: ":authority", value: "tiffin")
    headers.add(name: "content-type", value: "application/json")
    headers.add(name: "tiffin-sender", value: sender)
    headers.add(name: "tiffin-target", value: target)
    // What differs from call to call is kept out of the compression's memory.
    headers.add(name: "tiffin-caller", value: caller, indexing: .nonIndexable)
    if !correlation.isEmpty { headers.add(name: "tiffin-correlation-id", value: correlation, indexing: .nonIndexable) }
    headers.add(name: "tiffin-patience-milliseconds", value: String(patience), indexing: .nonIndexable)
    headers.add(name: "tiffin-time", value: String(time), indexing: .nonIndexable)
    headers.add(name: "tiffin-nonce", value: nonce, indexing: .nonIndexable)
    headers.add(name: "tiffin-signature", value: signature, indexing: .nonIndexable)
    return headers
  }

  init(path: String, caller: String, correlation: String, patience: Int, sender: String, target: String, time: Int, nonce: String) {
    self.path = path
    self.caller = caller
    self.correlation = correlation
    self.patience = patience
    self.sender = sender
    self.target = target
    self.time = time
    self.nonce = nonce
  }

  /// What a request says; nil when it lacks something.
  init?(_ headers: HPACKHeaders) {
    func field(_ name: String) -> String? { headers.first(name: name) }
    guard let path = field(":path"), let caller = field("tiffin-caller"), let sender = field("tiffin-sender"), let target = field("tiffin-target"),
      let patience = field("tiffin-patience-milliseconds").flatMap({ Int($0) }), let time = field("tiffin-time").flatMap({ Int($0) }),
      let nonce = field("tiffin-nonce")
    else { return nil }
    self.init(
      path: path, caller: caller, correlation: field("tiffin-correlation-id") ?? "", patience: patience, sender: sender, target: target, time: time,
      nonce: nonce)
  }
}
