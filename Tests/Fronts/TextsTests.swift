import Testing

@testable import Pages

@Suite struct TextsTests {
  private let english = [
    "a.hello": "Hello {{name}}, {{name}} of {{town}}", "a.dishes.one": "one dish", "a.dishes.other": "{{count}} dishes", "a.only": "Only English",
    "a.script.go": "Go", "a.script.stop": "Stop", "shared.script.undo": "Undo"
  ]

  private func texts(_ language: Language, _ messages: [String: String]) -> Texts { Texts(language, messages, fallback: english) }

  @Test func messagesAreFilledInAndFallBackToEnglish() {
    let german = texts(.german, ["a.hello": "Hallo {{name}}, {{name}} aus {{town}}"])
    #expect(german("a.hello", ["name": "Jo", "town": "Saltmere"]) == "Hallo Jo, Jo aus Saltmere")
    #expect(german["a.only"] == "Only English")
    #expect(german["a.none"] == "a.none")
    #expect(german.has("a.only") && !german.has("a.none"))
  }

  @Test func whatIsFilledInIsNoBlankItself() {
    let text = texts(.english, [:])("a.hello", ["name": "{{town}}"])
    #expect(text == "Hello {{town}}, {{town}} of {{town}}")
  }

  @Test func countsTakeTheirForms() {
    let arabic = texts(
      .arabic, ["a.dishes.zero": "لا أطباق", "a.dishes.two": "طبقان", "a.dishes.few": "{{count}} أطباق", "a.dishes.other": "{{count}} طبق"])
    #expect(texts(.english, [:]).counting("a.dishes", 1) == "one dish")
    #expect(texts(.english, [:]).counting("a.dishes", 1234) == "1,234 dishes")
    #expect(texts(.german, ["a.dishes.other": "{{count}} Gerichte"]).counting("a.dishes", 1234) == "1.234 Gerichte")
    #expect(arabic.counting("a.dishes", 0) == "لا أطباق" && arabic.counting("a.dishes", 2) == "طبقان")
    #expect(arabic.counting("a.dishes", 11, ["count": "11"]) == "11 طبق", "a form that is missing is the other one")
  }

  @Test func scriptsGetTheirsOnly() {
    let german = texts(.german, ["a.script.go": "Los"])
    #expect(german.beginning(with: "a.script.") == ["a.script.go": "Los", "a.script.stop": "Stop"])
    #expect(Edition.script(["k": "</script><b>"]) == #"{"k":"\u003c/script>\u003cb>"}"#)
  }

  @Test func templatesAreWorded() {
    let worded = Edition.worded(#"<p title="[[a.q]]">[[a.hello]] [[a.none]] [[ {{x}}"#, texts(.english, ["a.q": #"<"&">"#]))
    #expect(worded == #"<p title="&lt;&quot;&amp;&quot;&gt;">Hello {{name}}, {{name}} of {{town}} a.none [[ {{x}}"#)
  }

  @Test(arguments: [
    ("too_busy", "Zu viel los"), ("delivery_failed: too_busy", "Gescheitert: Zu viel los"),
    ("too_busy: after nine: maybe", "Zu viel los: after nine: maybe"), ("No soup: too_busy", "No soup: too_busy"),
    ("unheard_of", "unheard_of"), ("", ""), (": ", ": ")
  ])
  func reasonsAreToldInTheLanguageOfTheReader(_ reason: String, _ told: String) {
    let german = texts(.german, ["shared.reason.too_busy": "Zu viel los", "shared.reason.delivery_failed": "Gescheitert"])
    #expect(german.reason(reason) == told)
  }

  @Test func faultsAreToldInTheLanguageOfTheReader() {
    let german = texts(.german, ["shared.fault.must_have_at_most_n_characters": "Höchstens {{n}} Zeichen."])
    #expect(german.fault("must have at most 80 characters") == "Höchstens 80 Zeichen.")
    #expect(german.fault("must be something nobody translated") == "must be something nobody translated")
  }
}
