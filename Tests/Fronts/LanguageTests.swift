import Testing

@testable import Pages

@Suite struct LanguageTests {
  @Test(arguments: [
    (nil, Language.english), ("", .english), ("de", .german), ("DE-at", .german), ("fr-CA,fr;q=0.8,en;q=0.5", .french),
    ("en;q=0.3, ar;q=0.9", .arabic), ("nl, pt;q=0.9, es;q=0.1", .spanish), ("nl", .english), ("hi;q=0, de;q=0.1", .german),
    ("de;q=0.7,fr;q=0.7", .german), ("*", .english), (";;;,,q=,", .english), (" hi ; q=1.0 ", .hindi), ("de;q=x,fr;q=0.9", .german)
  ])
  func theFirstWishThatCanBeFulfilledWins(header: String?, language: Language) { #expect(Language(accepting: header) == language) }

  @Test func aThousandWishesCostNoMoreThanTwenty() {
    let nobody = Array(repeating: "xx", count: 20).joined(separator: ",")
    #expect(Language(accepting: nobody + ",de") == .english)
  }

  @Test(arguments: [
    (Language.english, [0: "other", 1: "one", 2: "other"]), (.german, [0: "other", 1: "one", 5: "other"]),
    (.spanish, [0: "other", 1: "one", 2: "other"]), (.french, [0: "one", 1: "one", 2: "other"]), (.hindi, [0: "one", 1: "one", 2: "other"]),
    (.arabic, [0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 102: "other", 103: "few", 111: "many"])
  ])
  func countsTakeTheFormsOfTheLanguage(language: Language, forms: [Int: String]) {
    for (count, form) in forms { #expect(language.pluralForm(of: count) == form, "\(count)") }
    for count in 0...300 { #expect(language.pluralForms.contains(language.pluralForm(of: count))) }
  }

  @Test func arabicAloneRunsFromRightToLeft() {
    #expect(Language.allCases.filter(\.isRightToLeft) == [.arabic])
    #expect(Set(Language.allCases.map(\.ownName)).count == Language.allCases.count)
  }
}
