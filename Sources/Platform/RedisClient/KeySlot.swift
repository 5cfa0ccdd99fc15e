/// Which of a cluster's 16384 slots a key belongs to: CRC16 (XMODEM) of it, or of what stands between its first `{` and the next `}`.
public enum KeySlot {
  public static let count = 16_384

  public static func of(_ key: some Collection<UInt8>) -> Int {
    guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return crc(key) % count }
    let inner = key[key.index(after: open)...]
    guard let close = inner.firstIndex(of: UInt8(ascii: "}")), close != inner.startIndex else { return crc(key) % count }
    return crc(inner[..<close]) % count
  }

  public static func of(_ key: String) -> Int { of(Array(key.utf8)) }

  private static let table: [UInt16] = (0..<256).map { byte in
    var crc = UInt16(byte) << 8
    for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    return crc
  }

  private static func crc(_ bytes: some Collection<UInt8>) -> Int {
    var crc: UInt16 = 0
    for byte in bytes { crc = crc << 8 ^ table[Int((crc >> 8 ^ UInt16(byte)) & 0xFF)] }
    return Int(crc)
  }
}
