/// Rows as CSV (RFC 4180).
enum CSV {
  static func text(_ rows: [[String]]) -> String { rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined() }

  static func field(_ text: String) -> String {
    // A spreadsheet would take it for a formula; what clients call themselves is theirs to choose.
    let safe = text.first.map { "=+-@\t\r".contains($0) } ?? false ? "'" + text : text
    guard safe.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return safe }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }
}
