import Foundation
import Kernel
import Mustache
import Synchronization
import Wire

/// Everything that pages are made of: messages, templates and what browsers load beside them. Each part is made when it is first asked for.
final class Edition: Sendable {
  /// One language's part.
  struct Print: Sendable {
    let templates: MustacheLibrary
    /// By front: the messages for its scripts, as JSON.
    let scriptTexts: [String: String]
  }

  /// A file that a browser loads.
  final class Asset: Sendable {
    let contentType: String
    let bytes: [UInt8]
    private let small = Mutex<[UInt8]?>(nil)

    init(contentType: String, bytes: [UInt8]) {
      self.contentType = contentType
      self.bytes = bytes
    }

    /// The bytes as gzip, made once; nothing for pictures that are compressed already.
    func compressed() -> [UInt8]? {
      guard contentType != "image/png" else { return nil }
      return small.withLock { small in
        if small == nil { small = gzip(bytes, level: 9) }
        return small
      }
    }
  }

  /// Names all assets of this edition in their URLs, so that they may be kept forever.
  let stamp: String
  let assets: [String: Asset]
  private let messages: [Language: [String: String]]
  private let sources: [String: String]
  private let prints = Mutex<[Language: Print]>([:])

  /// - Parameters:
  ///   - shelf: templates in `FRONT/NAME.html`, messages in `FRONT/texts/LANGUAGE.json`, and what is served as it is.
  ///   - libraries: where Debian keeps the scripts that others wrote.
  /// - Throws: `EditionFault` naming the file that is no table of messages.
  init(_ shelf: FileShelf, libraries: String) throws {
    var assets = Self.libraries(in: libraries)
    var messages: [Language: [String: String]] = [:]
    var sources: [String: String] = [:]
    for (path, text) in shelf.files {
      let parts = path.split(separator: "/")
      if parts.count == 3, parts[1] == "texts", let language = Language(rawValue: String(parts[2].dropLast(5))) {
        do { messages[language, default: [:]].merge(try decode(TextTable.self, from: Array(text.utf8)).entries) { $1 } } catch {
          throw EditionFault(path: path, problem: "\(error)")
        }
      } else if path.hasSuffix(".html") {
        sources[String(path.dropLast(5))] = text
      } else if let type = Self.contentType(of: path) {
        assets[path] = Asset(contentType: type, bytes: Array(Self.whole(text, of: shelf.files).utf8))
      }
    }
    self.messages = messages
    self.sources = sources
    self.assets = assets
    var hashed = Array(shelf.stamp.utf8)
    for name in Self.libraryFiles.map(\.name) { hashed += assets[name]?.bytes ?? [] }
    stamp = String(StableHash.of(hashed), radix: 36)
  }

  /// - Throws: `EditionFault` naming the file that is no template.
  func print(_ language: Language) throws -> Print {
    try prints.withLock { prints in
      if let print = prints[language] { return print }
      let print = try make(language)
      prints[language] = print
      return print
    }
  }

  /// The messages of a language.
  func texts(_ language: Language) -> Texts { Texts(language, messages[language] ?? [:], fallback: messages[.english] ?? [:]) }

  private func make(_ language: Language) throws -> Print {
    let english = messages[.english] ?? [:]
    let texts = texts(language)
    var templates = MustacheLibrary()
    for (name, source) in sources {
      do { try templates.register(Self.joined(Self.worded(source, texts)), named: Self.name(of: name)) } catch {
        throw EditionFault(path: "\(name).html", problem: "\(error)")
      }
    }
    let fronts = Set(english.keys.compactMap { $0.split(separator: ".").first.map(String.init) })
    let common = texts.beginning(with: "shared.script.")
    let scriptTexts = fronts.map { ($0, Self.script(texts.beginning(with: "\($0).script.").merging(common) { $1 })) }
    return Print(templates: templates, scriptTexts: Dictionary(uniqueKeysWithValues: scriptTexts))
  }

  /// The text of a style sheet with those that it imports in their places: a page waits for one file.
  static func whole(_ text: String, of files: [String: String]) -> String {
    text.replacing(/@import "\.\.\/([\w\/.]+)";/) { files[String($0.output.1)] ?? String($0.output.0) }
  }

  /// What a template is called among the others: names with slashes cannot be closed again.
  static func name(of template: String) -> String { template.replacing("/", with: ".") }

  /// The template with the names of those that it is made of as they are called.
  static func joined(_ source: String) -> String {
    source.replacing(/\{\{([<>\/])\s*([\w\/\-]+)\s*\}\}/) { found in "{{\(found.output.1)\(name(of: String(found.output.2)))}}" }
  }

  /// The template with each `[[key]]` replaced by its message, which may hold tags of its own.
  static func worded(_ source: String, _ texts: Texts) -> String {
    var result = ""
    var rest = source[...]
    while let open = rest.range(of: "[["), let close = rest.range(of: "]]", range: open.upperBound..<rest.endIndex) {
      result += rest[..<open.lowerBound]
      result += escaped(texts[String(rest[open.upperBound..<close.lowerBound])])
      rest = rest[close.upperBound...]
    }
    return result + rest
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }

  /// JSON that may stand in an HTML page.
  static func script(_ table: [String: String]) -> String {
    String(decoding: encode(TextTable(entries: table)), as: UTF8.self).replacing("<", with: "\\u003c")
  }

  private static func contentType(of path: String) -> String? {
    switch path.split(separator: ".").last {
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "svg": "image/svg+xml"
    case "webmanifest": "application/manifest+json"
    case "png": "image/png"
    default: nil
    }
  }

  /// Where each file of a library stands below the folder of all libraries.
  static let libraryFiles: [(name: String, file: String)] =
    [
      ("libraries/leaflet.js", "leaflet/leaflet.min.js"), ("libraries/leaflet.css", "leaflet/leaflet.css"),
      ("libraries/chart.js", "chart.js/chart.min.js")
    ]
    + ["layers-2x.png", "layers.png", "marker-icon-2x.png", "marker-icon.png", "marker-shadow.png"].map {
      ("libraries/images/\($0)", "leaflet/images/\($0)")
    }

  private static func libraries(in folder: String) -> [String: Asset] {
    var assets: [String: Asset] = [:]
    for (name, file) in libraryFiles {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)"), let type = contentType(of: name) else { continue }
      assets[name] = Asset(contentType: type, bytes: Array(data))
    }
    return assets
  }
}

/// A file of the fronts that cannot be used.
public struct EditionFault: Error, CustomStringConvertible {
  public let path: String
  public let problem: String
  public var description: String { "\(path): \(problem)" }
}
