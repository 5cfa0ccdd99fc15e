import Crypto
import Foundation
import Kernel
public import ServiceKit

/// Proves that a call comes from a process of the same installation: HMAC-SHA-256, with the secret that all of them share, over
/// everything that the call says.
public struct ServiceIdentity: Sendable {
  /// The first one signs; all of them are believed, so that a secret can be replaced while the processes run.
  private let keys: [SymmetricKey]
  private let time: TimeSource
  private let replays: ReplayGuard
  /// How far the clocks of two machines may be apart, and how long a call may be on its way.
  private let window: Duration

  /// - Parameters:
  ///   - secrets: the one to sign with, and those still believed.
  ///   - time: the machine's, whatever the speed of the services'.
  public init(secrets: [String], window: Duration = .seconds(10), time: TimeSource) {
    keys = secrets.map { SymmetricKey(data: Array($0.utf8)) }
    self.time = time
    self.window = window
    // A call is believed from a window before its time to a window after.
    replays = ReplayGuard(memory: window * 2, time: time)
  }

  var now: Int { time.now.milliseconds }

  /// The proof, as 64 hexadecimal digits.
  func sign(_ sheet: CallSheet, _ body: [UInt8]) -> String {
    Self.hexadecimal(Array(Self.code(sheet, body, keys[0])))
  }

  /// What is wrong with the proof of a call; nil when it is to be believed, and then not a second time.
  func doubt(_ signature: String, of sheet: CallSheet, _ body: [UInt8]) -> Doubt? {
    guard let given = Self.bytes(signature), keys.contains(where: { Self.code(sheet, body, $0) == given }) else { return .wrongSignature }
    let age = now - sheet.time
    guard abs(Double(age)) <= window.milliseconds else { return .wrongTime(seconds: age / 1000) }
    return replays.admit(given) ? nil : .replayed
  }

  /// Why a call is not believed.
  enum Doubt: CustomStringConvertible {
    case wrongSignature
    case wrongTime(seconds: Int)
    case replayed

    var description: String {
      switch self {
      case .wrongSignature: "its signature is not of this installation: is cluster.secret the same in every process?"
      case .wrongTime(let seconds): "it was signed \(seconds) s ago: do the machines' clocks agree?"
      case .replayed: "it came a second time"
      }
    }
  }

  private static func code(_ sheet: CallSheet, _ body: [UInt8], _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
    var mac = HMAC<SHA256>(key: key)
    mac.update(data: sheet.signedText)
    mac.update(data: body)
    return mac.finalize()
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[index * 2] = digits[Int(byte >> 4)]
        buffer[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return bytes.count * 2
    }
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8]? {
    let letters = Array(hexadecimal.utf8)
    guard letters.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = value(letters[index]), let low = value(letters[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ letter: UInt8) -> UInt8? {
    switch letter {
    case 0x30...0x39: letter - 0x30
    case 0x61...0x66: letter - 0x61 + 10
    default: nil
    }
  }
}
