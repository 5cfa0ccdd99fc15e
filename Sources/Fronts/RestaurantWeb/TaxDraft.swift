import WebServer
import CatalogAPI
import Kernel
import Pages
import Wire

/// The tax rules as they stand in their form, with rows that come and go.
struct TaxDraft: Sendable {
  struct Row: Sendable {
    var name = ""
    var ratePercent = ""
    var isIncluded = false
    var taxClass = ""
    /// Empty: as the platform is set.
    var appliesToDelivery = ""
  }

  var rows: [Row]

  init(_ rules: [TaxRule]) {
    rows = rules.map {
      Row(
        name: $0.name, ratePercent: "\($0.ratePercent)", isIncluded: $0.isIncluded, taxClass: $0.taxClass ?? "",
        appliesToDelivery: $0.appliesToDelivery.map { "\($0)" } ?? "")
    }
  }

  /// As it was sent.
  init(_ form: Fields) {
    rows = []
    while form.has("taxRules[\(rows.count)].name") {
      let path = "taxRules[\(rows.count)]"
      rows.append(
        Row(
          name: form["\(path).name"] ?? "", ratePercent: form["\(path).ratePercent"] ?? "", isIncluded: form["\(path).isIncluded"] != nil,
          taxClass: form["\(path).taxClass"] ?? "", appliesToDelivery: form["\(path).appliesToDelivery"] ?? ""))
    }
  }

  /// Adds or removes a row as a button asks: `addTax`, `removeTax:1`.
  ///
  /// - Returns: whether the button was one of those.
  mutating func change(_ button: String) -> Bool {
    let words = button.split(separator: ":")
    switch words.first {
    case "addTax":
      if rows.count < 20 { rows.append(Row()) }
      return true
    case "removeTax":
      if let index = words.last.flatMap({ Int($0) }), rows.indices.contains(index) { rows.remove(at: index) }
      return true
    default: return false
    }
  }

  func rules(_ form: inout TypedForm) -> [TaxRule] {
    var rules: [TaxRule] = []
    for (index, row) in rows.enumerated() {
      rules.append(
        TaxRule(
          name: row.name, ratePercent: form.price("taxRules[\(index)].ratePercent"), isIncluded: row.isIncluded,
          taxClass: row.taxClass.isEmpty ? nil : row.taxClass, appliesToDelivery: Bool(row.appliesToDelivery)))
    }
    return rules
  }

  func fields(_ problem: Problem?, _ request: PageRequest) -> [[String: Any]] {
    rows.enumerated().map { index, row in
      let path = "taxRules[\(index)]"
      func field(_ name: String, _ value: String) -> [String: Any] {
        var field: [String: Any] = ["name": "\(path).\(name)", "value": value, "id": ItemDraft.elementID("\(path).\(name)"), "error": false]
        if let fault = problem?.faults.first(where: { $0.path == "\(path).\(name)" }) { field["error"] = request.sentence(of: fault) }
        return field
      }
      return [
        "index": index, "number": index + 1, "path": path, "name": field("name", row.name), "ratePercent": field("ratePercent", row.ratePercent),
        "taxClass": field("taxClass", row.taxClass), "isIncluded": row.isIncluded,
        "delivery": request.choices(
          ["", "true", "false"].map { ($0, request.texts["restaurant.tax.delivery.\($0.isEmpty ? "default" : $0)"]) },
          chosen: row.appliesToDelivery), "deliveryId": ItemDraft.elementID("\(path).appliesToDelivery")
      ]
    }
  }
}
