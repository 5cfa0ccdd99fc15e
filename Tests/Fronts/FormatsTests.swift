import Kernel
import Testing

@testable import Pages

@Suite struct FormatsTests {
  private static func formats(_ language: Language) -> Formats {
    Formats(Texts(language, ["shared.unit.meters": "{{count}} m", "shared.unit.kilometers": "{{count}} km"], fallback: [:]))
  }

  /// Without the marks that steer direction, and with blanks of one kind.
  private static func plain(_ text: String) -> String {
    String(
      text.unicodeScalars.filter { !"\u{200E}\u{200F}\u{061C}".unicodeScalars.contains($0) }.map {
        "\u{A0}\u{202F}".unicodeScalars.contains($0) ? " " : Character($0)
      })
  }

  private static let afternoon = Instant(milliseconds: 1_796_064_300_000)  // 2026-11-30T18:45:00Z

  @Test(arguments: [
    (Language.english, "EUR", 123_456, "€1,234.56"), (.german, "EUR", 123_456, "1.234,56 €"), (.french, "EUR", 123_456, "1 234,56 €"),
    (.spanish, "EUR", 123_456, "1234,56 €"), (.hindi, "INR", 12_345_600, "₹1,23,456.00"), (.english, "USD", -500, "-$5.00"),
    (.english, "JPY", 1500, "¥1,500"), (.german, "JPY", 1500, "1.500 ¥"), (.english, "KWD", 1500, "KWD 1.500"), (.german, "KWD", 1500, "1,500 KWD")
  ])
  func moneyHasTheDigitsOfItsCurrencyAndTheSignsOfTheLanguage(language: Language, code: String, units: Int, written: String) throws {
    let currency = try #require(Currency(code: code))
    #expect(Self.plain(Self.formats(language).money(Amount(units: units, scale: currency.exponent), currency)) == written)
  }

  @Test func arabicWritesTheSameAmounts() throws {
    let formats = Self.formats(.arabic)
    let kuwait = try #require(Currency(code: "KWD"))
    func digits(_ text: String) -> String {
      String(
        text.compactMap { character in
          if let digit = character.wholeNumberValue { return Character("\(digit)") }
          return ".,٫".contains(character) ? "." : nil
        })
    }
    #expect(
      digits(formats.money(Amount(units: 1_234_567, scale: 3), kuwait)).hasPrefix("1")
        && digits(formats.money(Amount(units: 1500, scale: 3), kuwait)).contains("1.500"))
    #expect(digits(formats.number(42)) == "42")
    #expect(digits(formats.distance(meters: 2400)) == "2.4")
  }

  @Test func amountsOfAnotherScaleAreWrittenInTheCurrencys() {
    #expect(Self.formats(.english).money(Amount(units: 5, scale: 0), .usd) == "$5.00")
    #expect(Self.formats(.english).money(Amount(units: 12_345, scale: 4), .usd) == "$1.23")
  }

  @Test func timesStandOnTheClocksOfTheZone() {
    let english = Self.formats(.english)
    let german = Self.formats(.german)
    #expect(Self.plain(english.time(Self.afternoon, in: "America/New_York")) == "1:45 PM")
    #expect(german.time(Self.afternoon, in: "Europe/Berlin") == "19:45")
    #expect(german.time(Self.afternoon, in: "No/Where") == "18:45", "an unknown zone is UTC")
    #expect(english.day(Self.afternoon, in: "UTC") == "Mon, Nov 30")
    #expect(german.day(Self.afternoon, in: "UTC") == "Mo. 30. Nov.")
    #expect(Self.plain(english.dayAndTime(Self.afternoon, in: "Pacific/Auckland")).hasPrefix("Dec 1, 2026"))
  }

  @Test func numbersAndDistances() {
    let english = Self.formats(.english)
    let german = Self.formats(.german)
    #expect(english.distance(meters: 0) == "0 m" && english.distance(meters: 847) == "850 m" && english.distance(meters: 2449) == "2.4 km")
    #expect(german.distance(meters: 12_345) == "12,3 km")
    #expect(english.number(12_345) == "12,345" && german.number(12_345) == "12.345" && german.decimal(4.55) == "4,6" || german.decimal(4.55) == "4,5")
    #expect(Self.plain(english.percent(Amount(units: 8875, scale: 3))) == "8.875%")
    #expect(Self.plain(german.percent(Amount(units: 8875, scale: 3))) == "8,875 %")
  }
}
