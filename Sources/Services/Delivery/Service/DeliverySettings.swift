import Settings

/// What can be set of Delivery.
struct DeliverySettings: Sendable {
  var rules: SearchRules
  var pay: CourierPay
  var staleAfterMilliseconds: Int
  var historyDays: Int
  var isCityPublic: Bool
  /// Whether the search waits for the predicted time even while the kitchen works.
  var trustsKitchen: Bool

  init(_ source: SettingsSource) throws {
    var rules = SearchRules()
    let radii = source.text(
      "delivery.searchRadiiMeters", default: "3000,5000,8000,12000", "How far from the restaurant partners are searched, step by step")
    rules.radiiMeters = try radii.split(separator: ",").map { text in
      guard let radius = Double(text.filter { $0 != " " }), radius > 0, radius <= 100_000 else {
        throw SettingsFault(name: "delivery.searchRadiiMeters", problem: "must be metres with commas between, not \"\(radii)\"")
      }
      return radius
    }
    guard !rules.radiiMeters.isEmpty, zip(rules.radiiMeters, rules.radiiMeters.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw SettingsFault(name: "delivery.searchRadiiMeters", problem: "must ascend")
    }
    rules.offersPerRadius = try source.integer("delivery.offersPerRadius", default: 3, within: 1...50, "Partners asked before the radius widens")
    rules.offerSeconds = try source.integer("delivery.offerSeconds", default: 30, within: 1...600, "How long an offer stays open")
    rules.retrySeconds = try source.integer(
      "delivery.retrySeconds", default: 60, within: 1...3600, "How often a delivery that nobody took is tried again")
    rules.askAgainSeconds = try source.integer(
      "delivery.askAgainSeconds", default: 600, within: 0...86_400, "After how long who let a delivery pass may be asked for it again")
    rules.typicalApproachSeconds = try source.integer(
      "delivery.typicalApproachSeconds", default: 600, within: 0...7200, "How long before the food is ready the search for a courier starts")
    rules.metersPerWaitedSecond = try source.number(
      "delivery.metersPerWaitedSecond", default: rules.metersPerWaitedSecond, within: 0...1000,
      "How many metres of a courier's ride one second of waiting food outweighs")
    self.rules = rules
    pay = CourierPay(
      baseUnits: try source.integer("delivery.payBaseUnits", default: 250, within: 0...1_000_000, "Pay of a delivery, in the currency's minor unit"),
      perKilometerUnits: try source.integer(
        "delivery.payPerKilometerUnits", default: 60, within: 0...1_000_000, "Pay per kilometre, in the currency's minor unit"),
      tipPercent: try source.integer("delivery.payTipPercent", default: 100, within: 0...100, "The partner's share of the tip"))
    staleAfterMilliseconds =
      try source.integer(
        "delivery.positionStaleSeconds", default: 30, within: 5...3600, "After how long without a position an available partner is offline") * 1000
    historyDays = try source.integer("delivery.positionHistoryDays", default: 7, within: 1...365, "How long positions are kept")
    trustsKitchen = try source.boolean(
      "delivery.trustKitchenTimes", default: false, "Whether couriers are searched for the predicted time even once the kitchen has started")
    isCityPublic = try source.boolean("gateway.publicCity", default: false, "Whether visitors may see the live map of the city")
  }
}
