import Kernel
public import Wire

/// A reply whose JSON bytes exist already, so that a hot read is answered without encoding it again.
public struct Encoded<Value: WireValue>: WireValue, Hashable {
  public let bytes: [UInt8]
  /// What changes whenever the bytes do; becomes the `ETag`. That of a value that counts its changes begins with the count
  /// and a point, so that it can come back as `If-Match`.
  public let tag: String

  public init(_ value: Value) { self.init(bytes: encode(value), version: (value as? any Versioned)?.version) }

  /// - Parameter version: the count of changes of a value that is `Versioned`.
  public init(bytes: [UInt8], version: Int? = nil) {
    self.bytes = bytes
    tag = (version.map { "\($0)." } ?? "") + String(StableHash.of(bytes), radix: 36)
  }

  /// The value the bytes stand for.
  public func value() throws(InvalidInput) -> Value { try decode(Value.self, from: bytes) }

  public static func read(_ reader: inout JSONReader) -> Encoded? {
    guard let bytes = RawJSON.read(&reader)?.bytes else { return nil }
    guard Value.self is any Versioned.Type else { return Encoded(bytes: bytes) }
    return Encoded(bytes: bytes, version: ((try? decode(Value.self, from: bytes)) as? any Versioned)?.version)
  }

  public func write(to writer: inout JSONWriter) { writer.raw(json: bytes) }
  public static var schema: Schema { Value.schema }
}

/// A reply that is kept as encoded bytes, seen without its type.
public protocol EncodedReply {
  var bytes: [UInt8] { get }
  var tag: String { get }
}

extension Encoded: EncodedReply {}

/// A reply that counts its changes; the web server sends it as `ETag`, and takes it back as `If-Match`.
public protocol Versioned {
  var version: Int { get }
}
