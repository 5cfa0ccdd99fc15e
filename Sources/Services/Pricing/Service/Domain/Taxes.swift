import CatalogAPI
import Kernel
import PricingAPI

/// One rule with what it comes to.
struct Tax {
  var rule: TaxRule
  var money: Money
  var isIncluded: Bool { rule.isIncluded }
}

extension PriceCalculation {
  /// What every rule of the terms comes to, in their order; rules that apply to nothing are left out.
  ///
  /// A dish is under the rules of its class, or under those without a class where its class has none. A rule that is added
  /// takes its rate of the sum of its dishes. Rules that are included share what their prices contain: of a gross price,
  /// rates r1 and r2 are r1 and r2 parts in 100 + r1 + r2.
  func taxLines(_ lines: [(price: Money, taxClass: String?)], fee: Money) -> [Tax] {
    let rules = terms.taxRules
    let classes = Set(rules.compactMap(\.taxClass))
    var taxed = rules.map { _ in Money.zero(terms.currency) }
    var isUsed = rules.map { _ in false }
    /// Gross prices by the included rules they are under.
    var gross: [(rules: [Int], price: Money)] = []
    func put(_ price: Money, under applied: [Int]) {
      for index in applied {
        isUsed[index] = true
        if !rules[index].isIncluded { taxed[index] += price }
      }
      let included = applied.filter { rules[$0].isIncluded }
      guard !included.isEmpty else { return }
      if let at = gross.firstIndex(where: { $0.rules == included }) { gross[at].price += price } else { gross.append((included, price)) }
    }
    for line in lines {
      let taxClass = line.taxClass.flatMap { classes.contains($0) ? $0 : nil }
      put(line.price, under: rules.indices.filter { rules[$0].taxClass == taxClass })
    }
    if fee.units > 0 {
      put(fee, under: rules.indices.filter { rules[$0].appliesToDelivery ?? (defaults.taxesDeliveryFee && rules[$0].taxClass == nil) })
    }
    var amounts = rules.indices.map { taxed[$0].share(rate(rules[$0]), of: 1_000_000) }
    for (included, price) in gross {
      let rates = included.map { rate(rules[$0]) }
      let sum = rates.reduce(0, +)
      guard sum > 0 else { continue }
      let contained = price.share(sum, of: 1_000_000 + sum)
      for (index, part) in zip(included, contained.split(by: rates)) { amounts[index] += part }
    }
    return rules.indices.filter { isUsed[$0] }.map { Tax(rule: rules[$0], money: amounts[$0]) }
  }

  /// Millionths; the catalogue keeps only rates of 0 to 100 percent.
  private func rate(_ rule: TaxRule) -> Int { min(max(rule.ratePercent.millionths ?? 0, 0), 1_000_000) }
}
