/// A file of settings: `name = value` lines; what follows a `#` at the start of a line or after a space is a remark.
public enum SettingsFile {
  /// The values by name.
  ///
  /// - Parameter file: what messages call the file.
  /// - Throws: `SettingsFileFault` naming the line that is no setting, or sets a name again.
  public static func parse(_ text: String, name file: String) throws(SettingsFileFault) -> [String: String] {
    var values: [String: String] = [:]
    // By newlines, not by "\n": with its carriage return a line break is one character of another name.
    for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = trimmed(raw)
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
        throw SettingsFileFault(file: file, line: index + 1, problem: "is not written as name = value")
      }
      let name = trimmed(line[..<equals])
      var value = trimmed(line[line.index(after: equals)...])
      if let remark = value.firstRange(of: " #") { value = trimmed(value[..<remark.lowerBound]) }
      guard values.updateValue(value, forKey: name) == nil else {
        throw SettingsFileFault(file: file, line: index + 1, problem: "sets \(name) again")
      }
    }
    return values
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let first = text.firstIndex(where: { !blank($0) }), let last = text.lastIndex(where: { !blank($0) }) else { return "" }
    return String(text[first...last])
  }
}

/// A line of a settings file that cannot be used.
public struct SettingsFileFault: Error, Hashable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let problem: String
  public var description: String { "\(file), line \(line) \(problem)" }
}
