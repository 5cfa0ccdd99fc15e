import CZlib
import Foundation
import FrontFiles
import Mustache
import Testing

@testable import Pages

/// The files that are part of the program.
@Suite struct FilesTests {
  private static let debian = "/usr/share/javascript"

  @Test(arguments: Language.allCases)
  func everyTemplateCompilesInEveryLanguage(language: Language) throws {
    let shelf = FileShelf(embeddedFiles)
    let templates = shelf.files.keys.filter { $0.hasSuffix(".html") }.map { String($0.dropLast(5)) }
    #expect(templates.contains("shared/layout"))
    let print = try Edition(shelf, libraries: Self.debian).print(language)
    for name in templates { #expect(print.templates.getTemplate(named: Edition.name(of: name)) != nil, "\(name)") }
    for (name, text) in shelf.files where name.hasSuffix(".html") {
      for parent in text.matches(of: /\{\{[<>]\s*([\w\/-]+)\s*\}\}/).map({ String($0.output.1) }) {
        #expect(templates.contains(parent), "\(name) is made of \(parent), which is none")
      }
    }
    for (front, texts) in print.scriptTexts { #expect(!texts.contains("<"), "\(front)") }
  }

  @Test func everyFileThatTemplatesNameIsThere() throws {
    let shelf = FileShelf(embeddedFiles)
    let edition = try Edition(shelf, libraries: Self.debian)
    for (name, text) in shelf.files where name.hasSuffix(".html") {
      for file in text.matches(of: /\{\{assets\}\}\/([\w\/.-]+\.(?:js|css|svg|webmanifest|png))/).map({ String($0.output.1) }) {
        #expect(edition.assets[file] != nil, "\(name) names \(file)")
      }
    }
    for (name, text) in shelf.files where name.hasSuffix(".js") {
      let folder = URL(fileURLWithPath: "/\(name)").deletingLastPathComponent()
      for file in text.matches(of: /(?:from|import)\s*\(?\s*"(\.[^"]+)"/).map({ String($0.output.1) }) {
        let place = String(folder.appendingPathComponent(file).standardizedFileURL.path.dropFirst())
        #expect(edition.assets[place] != nil, "\(name) imports \(place)")
      }
    }
  }

  @Test func aPageWaitsForOneStyleSheet() throws {
    let shelf = FileShelf(embeddedFiles)
    let assets = try Edition(shelf, libraries: Self.debian).assets
    let common = try #require(shelf.files["shared/app.css"])
    for (name, asset) in assets where name.hasSuffix(".css") && !name.hasPrefix("libraries/") {
      let text = String(decoding: asset.bytes, as: UTF8.self)
      #expect(!text.contains("@import") && text.hasPrefix(common), "\(name)")
    }
    #expect(Edition.whole("@import \"../a/b.css\";\nx", of: ["a/b.css": "y"]) == "y\nx")
    #expect(Edition.whole("@import \"../a/c.css\";", of: ["a/b.css": "y"]) == "@import \"../a/c.css\";")
  }

  @Test func librariesOfDebianAreServedByUs() throws {
    let assets = try Edition(FileShelf([:] as [String: String]), libraries: Self.debian).assets
    #expect(assets["libraries/leaflet.js"].map { String(decoding: $0.bytes, as: UTF8.self).contains("Leaflet") } ?? false)
    #expect(assets["libraries/leaflet.css"]?.contentType == "text/css; charset=utf-8")
    #expect(assets["libraries/chart.js"]?.contentType == "text/javascript; charset=utf-8")
    #expect(assets["libraries/images/layers.png"]?.compressed() == nil, "a picture is small already")
    #expect(try Edition(FileShelf([:] as [String: String]), libraries: "/nowhere").assets.isEmpty)
  }

  @Test func theStampIsOfAllThatIsServed() throws {
    func stamp(_ files: [String: String], _ libraries: String = "/nowhere") throws -> String {
      try Edition(FileShelf(files), libraries: libraries).stamp
    }
    #expect(try stamp(["a/b.js": "1"]) == stamp(["a/b.js": "1"]))
    #expect(try stamp(["a/b.js": "1"]) != stamp(["a/b.js": "2"]))
    #expect(try stamp(["a/b.js": "1"]) != stamp(["a/c.js": "1"]))
    #expect(try stamp(["a/b.js": "1"]) != stamp(["a/b.js": "1"], Self.debian))
  }

  @Test func aFileThatIsWrongIsNamed() throws {
    #expect(throws: EditionFault.self) { try Edition(FileShelf(["a/texts/de.json": "[]"]), libraries: "") }
    let broken = try Edition(FileShelf(["a/home.html": "{{#open}}"]), libraries: "")
    let fault = #expect(throws: EditionFault.self) { try broken.print(.english) }
    #expect(fault?.path == "a/home.html")
  }

  @Test func aFolderIsReadWithoutWhatIsHidden() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tiffin-pages-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appendingPathComponent("a/texts"), withIntermediateDirectories: true)
    try "x".write(to: folder.appendingPathComponent("a/home.html"), atomically: true, encoding: .utf8)
    try "{}".write(to: folder.appendingPathComponent("a/texts/en.json"), atomically: true, encoding: .utf8)
    try "swap".write(to: folder.appendingPathComponent("a/.home.html.swp"), atomically: true, encoding: .utf8)
    #expect(try FileShelf(folder: folder.path).files == ["a/home.html": "x", "a/texts/en.json": "{}"])
    #expect(throws: (any Error).self) { try FileShelf(folder: "\(folder.path)/none") }
  }

  @Test(arguments: [0, 1, 1024, 300_000])
  func whatIsCompressedComesBackWhole(count: Int) throws {
    var seed: UInt64 = 1
    let bytes = (0..<count).map { at -> UInt8 in
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return at % 3 == 0 ? UInt8(truncatingIfNeeded: seed >> 40) : 7
    }
    for level in [Int32(1), 4, 9] {
      let small = try #require(gzip(bytes, level: level))
      #expect(small.starts(with: [0x1F, 0x8B]))
      #expect(unpacked(small, most: count + 1) == bytes)
    }
  }
}

/// The bytes that were compressed as gzip; `nil` where they are damaged, or more than expected.
func unpacked(_ bytes: [UInt8], most: Int) -> [UInt8]? {
  var stream = z_stream()
  guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
  defer { inflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: most)
  let outcome = input.withUnsafeMutableBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      return inflate(&stream, Z_FINISH)
    }
  }
  return outcome == Z_STREAM_END ? Array(output.prefix(Int(stream.total_out))) : nil
}
