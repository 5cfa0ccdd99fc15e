import Foundation
public import Settings

/// How pages are made: where their files are, and which other hosts they may ask.
public struct PagesSettings: Sendable {
  /// Where files are read anew for every page; empty: those in the program.
  let folder: String
  let libraries: String
  let tiles: String
  let policy: String
  /// Where pictures may come from, such as `https://img.example`.
  let imageHosts: [String]

  /// - Throws: `SettingsFault` naming the setting that is wrong.
  public init(_ settings: SettingsSource) throws {
    folder = settings.text(
      "pages.folder", default: "", "A folder to read the files of pages from in place of those in the program: for who works on them.")
    libraries = settings.text(
      "pages.libraries", default: "/usr/share/javascript",
      "Where Leaflet and Chart.js are, as Debian's libjs-leaflet and libjs-chart.js install them.")
    tiles = settings.text(
      "pages.tiles", default: "",
      "Where map tiles come from, such as https://tiles.example/{z}/{x}/{y}.png; empty: a drawn grid, and no other host is asked.")
    let images = settings.text(
      "pages.imageHosts", default: "", "Origins that pictures of dishes may come from, such as https://img.example; empty: none are shown.")
    if !tiles.isEmpty, Self.origin(of: tiles) == nil || !["{x}", "{y}", "{z}"].allSatisfy(tiles.contains) {
      throw SettingsFault(name: "pages.tiles", problem: "must be an address with {z}, {x} and {y}, such as https://tiles.example/{z}/{x}/{y}.png")
    }
    let named = images.split(separator: ",").map { $0.filter { $0 != " " } }
    guard named.allSatisfy({ Self.origin(of: $0) == $0 && !$0.contains { ";'\"".contains($0) } }) else {
      throw SettingsFault(name: "pages.imageHosts", problem: "must be origins such as https://img.example, with commas between them")
    }
    imageHosts = named
    let hosts = ([Self.origin(of: tiles)].compactMap(\.self) + named).map { " \($0)" }.joined()
    policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:\(hosts); font-src 'self'; "
      + "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  }

  /// Where the scripts that others wrote are looked for.
  public var librariesFolder: String { libraries }

  /// The packages of Debian that are missing of those that maps and charts are drawn with.
  public var missingLibraries: [String] {
    ["leaflet", "chart.js"].filter { library in
      Edition.libraryFiles.contains { $0.file.hasPrefix("\(library)/") && !FileManager.default.isReadableFile(atPath: "\(libraries)/\($0.file)") }
    }.map { "libjs-\($0)" }
  }

  static func origin(of address: String) -> String? {
    guard let colon = address.range(of: "://"), address.hasPrefix("http") else { return nil }
    let host = address[colon.upperBound...].prefix { $0 != "/" }
    return host.isEmpty ? nil : "\(address[..<colon.upperBound])\(host)"
  }
}
