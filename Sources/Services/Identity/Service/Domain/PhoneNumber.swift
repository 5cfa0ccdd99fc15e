/// A phone number as E.164 has it: a plus sign, then 7 to 15 digits, the first of them no zero.
struct PhoneNumber: Hashable, Sendable {
  let text: String

  /// Takes what a person typed, with signs between the digits; `nil` when no network could have it.
  ///
  /// - Parameter callingCode: of the country whose numbers may be typed as they are dialled there; empty where there is none.
  init?(_ typed: String, callingCode: String) {
    let plain = typed.filter { !" -().\u{A0}".contains($0) }
    guard plain.utf8.allSatisfy({ 48...57 ~= $0 || $0 == 0x2B }), plain.dropFirst().allSatisfy({ $0 != "+" }) else { return nil }
    let digits: String
    if plain.hasPrefix("+") {
      digits = String(plain.dropFirst())
    } else if plain.hasPrefix("00") {
      digits = String(plain.dropFirst(2))
    } else if !callingCode.isEmpty {
      // A zero in front stands for "within the country".
      digits = callingCode + plain.drop { $0 == "0" }
    } else {
      return nil
    }
    guard 7...15 ~= digits.utf8.count, digits.first != "0" else { return nil }
    text = "+" + digits
  }
}
