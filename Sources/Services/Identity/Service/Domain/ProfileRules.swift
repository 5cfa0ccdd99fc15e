import Kernel
import Wire

/// What people may write about themselves.
enum ProfileRules {
  /// What is wrong with the address of a picture: pages of ours would load it.
  static func photoFault(_ url: String) -> Fault? {
    let rest = url.dropFirst("https://".count)
    let isPlain = url.utf8.allSatisfy { 0x21...0x7E ~= $0 && !"\"'<>\\`{}|^".utf8.contains($0) }
    let host = rest.prefix { !"/?#".contains($0) }
    guard url.lowercased().hasPrefix("https://"), isPlain, host.contains("."), !host.contains("@") else {
      return Fault(path: "photoUrl", message: "must be an https:// address")
    }
    return nil
  }
}
