/// One kind of kitchen: what its restaurants are called and what they cook.
struct Cuisine: Sendable {
  let name: String
  let restaurants: [String]
  let sections: [CuisineSection]

  /// - Parameter menu: `## Section + Option set, Option set` lines, each followed by `Dish | price | description` lines.
  init(name: String, restaurants: [String], menu: String) {
    self.name = name
    self.restaurants = restaurants
    var sections: [CuisineSection] = []
    for line in menu.split(separator: "\n") {
      if line.hasPrefix("## ") {
        let halves = line.dropFirst(3).split(separator: "+", maxSplits: 1).map { $0.trimmed }
        let sets = halves.count > 1 ? halves[1].split(separator: ",").map { $0.trimmed } : []
        sections.append(CuisineSection(name: halves[0], optionSets: sets, dishes: []))
      } else {
        let parts = line.split(separator: "|").map { $0.trimmed }
        let price = parts[1].split(separator: ".").compactMap { Int($0) }
        sections[sections.count - 1].dishes.append(Dish(name: parts[0], pence: price[0] * 100 + price[1], description: parts[2]))
      }
    }
    self.sections = sections
  }

  static let all: [Cuisine] = [
    .italian, .indian, .japanese, .mexican, .burgers, .thai, .chinese, .lebanese, .vietnamese, .seafood, .bowls, .bakery
  ]
}

/// The part of a menu that shares its choices, such as all pizzas.
struct CuisineSection: Sendable {
  let name: String
  let optionSets: [String]
  var dishes: [Dish]
}

/// One dish as its cuisine has it; each restaurant asks a price of its own around this one.
struct Dish: Sendable {
  let name: String
  let pence: Int
  let description: String
}

extension Substring {
  var trimmed: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
