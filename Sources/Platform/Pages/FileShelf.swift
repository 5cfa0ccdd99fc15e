import Foundation
import Kernel

/// The files of the fronts by their paths: those in the program, or those in a folder for who works on them.
public struct FileShelf: Sendable {
  /// The files by path, such as `customer/home.html`.
  let files: [String: String]
  /// Changes whenever any of the files does.
  let stamp: String

  /// - Parameter embedded: what the build made part of the program.
  public init(_ embedded: [(name: StaticString, text: StaticString)]) {
    self.init(Dictionary(uniqueKeysWithValues: embedded.map { ("\($0.name)", "\($0.text)") }))
  }

  init(_ files: [String: String]) {
    self.files = files
    stamp = String(StableHash.of(files.sorted { $0.key < $1.key }.flatMap { Array($0.key.utf8) + [0] + Array($0.value.utf8) + [0] }), radix: 36)
  }

  /// The files of a folder.
  ///
  /// - Throws: what Foundation says of a folder that cannot be read.
  public init(folder: String) throws {
    let root = URL(fileURLWithPath: folder).standardizedFileURL
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
      var isFolder: ObjCBool = false
      let place = root.appendingPathComponent(path).path
      guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), !isFolder.boolValue, !path.contains("/.") else { continue }
      files[path] = try String(contentsOfFile: place, encoding: .utf8)
    }
    self.init(files)
  }
}
