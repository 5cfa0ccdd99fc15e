import CZlib

/// The bytes in the form of gzip (RFC 1952); `nil` where zlib has no memory.
///
/// - Parameter level: from 1, quick, to 9, small.
func gzip(_ bytes: [UInt8], level: Int32) -> [UInt8]? {
  var stream = z_stream()
  guard tiffin_gzip_begin(&stream, level) == Z_OK else { return nil }
  defer { deflateEnd(&stream) }
  let bound = Int(deflateBound(&stream, UInt(bytes.count))) + 18
  var input = bytes
  let output = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
    count = input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      return deflate(&stream, Z_FINISH) == Z_STREAM_END ? target.count - Int(stream.avail_out) : 0
    }
  }
  return output.isEmpty ? nil : output
}
