import WebServer
import CatalogAPI
import Kernel
import Pages
import Wire

/// A dish as it stands in its form: texts, whether they can be read or not, with rows that come and go.
struct ItemDraft: Sendable {
  struct Group: Sendable {
    var id = ""
    var name = ""
    var minimum = "0"
    var maximum = ""
    var options: [Option] = [Option()]
  }

  struct Option: Sendable {
    var id = ""
    var name = ""
    var price = ""
    var isAvailable = true
  }

  var groups: [Group]

  init(_ item: MenuItem) {
    groups = item.optionGroups.map { group in
      Group(
        id: "\(group.id)", name: group.name, minimum: "\(group.minimum)", maximum: "\(group.maximum)",
        options: group.options.map { Option(id: "\($0.id)", name: $0.name, price: "\($0.price)", isAvailable: $0.isAvailable) })
    }
  }

  /// As it was sent.
  init(_ form: Fields) {
    groups = []
    func text(_ name: String) -> String { form[name] ?? "" }
    while form.has("optionGroups[\(groups.count)].name") {
      let path = "optionGroups[\(groups.count)]"
      var group = Group(
        id: text("\(path).id"), name: text("\(path).name"), minimum: text("\(path).minimum"), maximum: text("\(path).maximum"), options: [])
      while form.has("\(path).options[\(group.options.count)].name") {
        let at = "\(path).options[\(group.options.count)]"
        group.options.append(
          Option(id: text("\(at).id"), name: text("\(at).name"), price: text("\(at).price"), isAvailable: form[("\(at).isAvailable")] != nil))
      }
      groups.append(group)
    }
  }

  /// Adds or removes a row as a button asks: `addGroup`, `addOption:2`, `removeGroup:2`, `removeOption:2:0`; `show` leaves them.
  ///
  /// - Returns: whether the button was one of those.
  mutating func change(_ button: String) -> Bool {
    let words = button.split(separator: ":")
    let places = words.dropFirst().compactMap { Int($0) }
    switch (words.first ?? "", places.count) {
    case ("addGroup", 0):
      if groups.count < 20 { groups.append(Group()) }
    case ("addOption", 1) where groups.indices.contains(places[0]):
      if groups[places[0]].options.count < 40 { groups[places[0]].options.append(Option()) }
    case ("removeGroup", 1) where groups.indices.contains(places[0]): groups.remove(at: places[0])
    case ("removeOption", 2) where groups.indices.contains(places[0]) && groups[places[0]].options.indices.contains(places[1]):
      groups[places[0]].options.remove(at: places[1])
    case ("show", 0): break
    default: return false
    }
    return true
  }

  /// What the operation takes; what cannot be read is noted.
  func drafts(_ form: inout TypedForm) -> [OptionGroupDraft] {
    var drafts: [OptionGroupDraft] = []
    for (index, group) in groups.enumerated() {
      let path = "optionGroups[\(index)]"
      var options: [OptionDraft] = []
      for (at, option) in group.options.enumerated() {
        let price = form.amount("\(path).options[\(at)].price") ?? Amount(units: 0, scale: 0)
        options.append(OptionDraft(id: OptionID(option.id), name: option.name, price: price, isAvailable: option.isAvailable))
      }
      drafts.append(
        OptionGroupDraft(
          id: OptionGroupID(group.id), name: group.name, minimum: form.integer("\(path).minimum") ?? 0, maximum: form.integer("\(path).maximum"),
          options: options))
    }
    return drafts
  }

  /// The rows as the template shows them, each with what is wrong with it.
  func fields(_ problem: Problem?, _ request: PageRequest) -> [[String: Any]] {
    func field(_ name: String, _ value: String) -> [String: Any] {
      var field: [String: Any] = ["name": name, "value": value, "id": Self.elementID(name), "error": false]
      if let fault = problem?.faults.first(where: { $0.path == name }) { field["error"] = request.sentence(of: fault) }
      return field
    }
    return groups.enumerated().map { index, group in
      let path = "optionGroups[\(index)]"
      var fields: [String: Any] = [
        "index": index, "id": group.id, "path": path, "number": index + 1, "name": field("\(path).name", group.name),
        "minimum": field("\(path).minimum", group.minimum), "maximum": field("\(path).maximum", group.maximum), "error": false,
        "options": group.options.enumerated().map { at, option -> [String: Any] in
          let place = "\(path).options[\(at)]"
          return [
            "id": option.id, "path": place, "index": index, "at": at, "number": at + 1, "name": field("\(place).name", option.name),
            "price": field("\(place).price", option.price), "isAvailable": option.isAvailable, "element": Self.elementID(place)
          ]
        }
      ]
      if let fault = problem?.faults.first(where: { $0.path == path || $0.path == "\(path).options" }) {
        fields["error"] = request.sentence(of: fault)
      }
      return fields
    }
  }

  /// An id for the element of a field: brackets and points do not go well with selectors.
  static func elementID(_ name: String) -> String {
    "f-" + name.map { $0 == "[" || $0 == "." ? "-" : $0 == "]" ? "" : String($0) }.joined()
  }
}
