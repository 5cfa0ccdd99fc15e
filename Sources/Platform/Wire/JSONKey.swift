/// A key as it stands in the input.
public struct JSONKey {
  @usableFromInline let start: UnsafePointer<UInt8>
  @usableFromInline let count: Int

  @inlinable
  init(start: UnsafePointer<UInt8>, count: Int) {
    self.start = start
    self.count = count
  }

  /// A key from elsewhere than the JSON; the text must outlive it.
  @inlinable
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return nil }
    self.init(start: start, count: text.count)
  }

  /// The key as a text of its own.
  public var text: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }

  /// Not `==`: beside the one for `StaticString` it would win for every literal, and is slower.
  public func matches(_ name: String) -> Bool {
    count == name.utf8.count && zip(UnsafeBufferPointer(start: start, count: count), name.utf8).allSatisfy(==)
  }

  @inlinable @inline(__always)
  public static func == (key: JSONKey, name: StaticString) -> Bool {
    guard key.count == name.utf8CodeUnitCount else { return false }
    var index = 0
    while index < key.count {
      if key.start[index] != name.utf8Start[index] { return false }
      index &+= 1
    }
    return true
  }
}
