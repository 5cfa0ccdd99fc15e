import Kernel
import Pages
import PricingAPI

/// The parts of a price beneath each other, on the checkout and on the receipt.
struct PriceRows: Sendable {
  let formats: Formats
  let texts: Texts

  /// What a price is made of.
  struct Amounts: Sendable {
    var currency: Currency
    var subtotal: Amount
    /// Absent where nothing is brought.
    var deliveryFee: Amount?
    var discount: Amount
    var taxLines: [TaxLine]
    var tip: Amount
    var total: Amount
  }

  func fields(_ amounts: Amounts) -> [String: Any] {
    func money(_ amount: Amount) -> String { formats.money(amount, amounts.currency) }
    var rows: [[String: Any]] = [["name": texts["customer.price.subtotal"], "amount": money(amounts.subtotal)]]
    if let fee = amounts.deliveryFee { rows.append(["name": texts["customer.price.delivery"], "amount": money(fee)]) }
    if amounts.discount.units != 0 {
      rows.append(["name": texts["customer.price.discount"], "amount": money(Amount(units: -amounts.discount.units, scale: amounts.discount.scale))])
    }
    for tax in amounts.taxLines {
      let key = tax.isIncluded ? "customer.price.taxIncluded" : "customer.price.tax"
      rows.append(["name": texts(key, ["name": tax.name, "rate": formats.percent(tax.ratePercent)]), "amount": money(tax.amount)])
    }
    if amounts.tip.units != 0 { rows.append(["name": texts["customer.price.tip"], "amount": money(amounts.tip)]) }
    return ["rows": rows, "total": money(amounts.total)]
  }
}
