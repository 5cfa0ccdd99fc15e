/// Rows as CSV (RFC 4180).
enum CSV {
  static func text(_ rows: [[String]]) -> String { rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined() }

  static func field(_ text: String) -> String {
    // A spreadsheet would take it for a formula; what clients call themselves is theirs to choose.
    let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
    let safe = isFormula ? "'" + text : text
    guard safe.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else { return safe }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }
}
