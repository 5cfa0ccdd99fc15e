/// The choices that dishes of a section share.
enum OptionSets {
  struct Choice: Sendable {
    let name: String
    let pence: Int
  }

  struct Choices: Sendable {
    let minimum: Int
    let maximum: Int
    let choices: [Choice]
  }

  static let all: [String: Choices] = [
    "Pizza size": one("Ten inch", "Twelve inch +2.50", "To share +6.00"),
    "Pizza extras": many(4, "Extra mozzarella +1.50", "Olives +1.00", "Anchovies +1.50", "Chilli oil", "Mushrooms +1.20", "Raw ham +2.50"),
    "Pasta shape": one("Spaghetti", "Rigatoni", "Tagliatelle +0.50", "Gluten-free penne +1.00"),
    "Parmesan": many(1, "With parmesan"),
    "Side sauce": one("Mint and coriander", "Garlic", "Hot pepper", "None"),
    "Heat": one("Mild", "Medium", "Hot", "Very hot"),
    "Rice or bread": one("Pilau rice", "Plain rice", "Butter naan +0.80", "Neither"),
    "Noodles": one("Soft", "Firm", "Very firm"),
    "Ramen extras": many(4, "Seasoned egg +1.80", "Extra chashu +3.00", "Corn +1.00", "Nori +1.00", "Extra noodles +2.00"),
    "Rice size": one("Regular", "Large +1.50"),
    "Wasabi": one("With wasabi", "Without"),
    "Salsa": one("Roja", "Verde", "Habanero", "None"),
    "Taco extras": many(3, "Guacamole +1.50", "Sour cream +0.80", "Pickled onion", "Cheese +1.00"),
    "Burrito extras": many(4, "Guacamole +1.80", "Extra meat +2.80", "Sour cream +0.80", "Jalapeños +0.50"),
    "Cooked": one("Pink", "Medium", "Well done"),
    "Burger extras": many(4, "Bacon +1.80", "Extra cheese +1.00", "Fried egg +1.20", "Avocado +1.80", "Gluten-free bun +1.00", "No onion"),
    "Dip": many(2, "Garlic mayonnaise +0.80", "Smoky ketchup +0.60", "Blue cheese +1.00", "Hot sauce"),
    "Protein": one("Chicken", "Prawn +2.00", "Beef +1.50", "Tofu", "Vegetables"),
    "Wrap extras": many(3, "Extra garlic sauce", "Chilli", "Chips inside +1.00", "Halloumi +2.00"),
    "Pho extras": many(3, "Extra herbs", "Extra noodles +1.50", "Brisket +2.50", "Egg yolk +1.00"),
    "Batter": one("Batter", "Breadcrumbs", "Gluten-free batter +0.80"),
    "Fryer sauce": many(3, "Tartare +0.80", "Ketchup", "Curry sauce +1.50", "Malt vinegar", "Mushy peas +1.80"),
    "Milk": one("Cow", "Oat +0.40", "Almond +0.40", "Soy"),
    "Grain": one("Brown rice", "Quinoa +0.80", "Bulgur", "Leaves"),
    "Bowl extras": many(3, "Avocado +1.80", "Tofu +2.00", "Seeds +0.60", "Kimchi +1.20", "Falafel +2.00"),
    "Dressing": one("Lemon and olive oil", "Tahini", "Miso and ginger", "On the side"),
    "Bread": one("Sourdough", "Seeded", "Gluten-free +0.80", "None"),
    "Warmed": one("As it is", "Warmed"),
    "Sliced": one("Whole", "Sliced"),
    "Sandwich bread": one("White bloomer", "Wholemeal", "Seeded", "Gluten-free +1.00")
  ]

  /// Exactly one of them.
  private static func one(_ texts: String...) -> Choices { Choices(minimum: 1, maximum: 1, choices: texts.map(choice)) }
  /// Up to `most` of them, or none.
  private static func many(_ most: Int, _ texts: String...) -> Choices { Choices(minimum: 0, maximum: most, choices: texts.map(choice)) }

  private static func choice(_ text: String) -> Choice {
    guard let plus = text.firstIndex(of: "+") else { return Choice(name: text, pence: 0) }
    let price = text[text.index(after: plus)...].split(separator: ".").compactMap { Int($0) }
    return Choice(name: text[..<plus].trimmed, pence: price[0] * 100 + price[1])
  }
}
