import Testing

@testable import Identity

struct EmailAddressTests {
  @Test(arguments: [
    ("ann@example.com", "ann@example.com"), ("  Ann.Lee+food@Example.COM\t", "ann.lee+food@example.com"), ("a@b.co", "a@b.co"),
    ("o'neil@sub.domain-x.org", "o'neil@sub.domain-x.org"), ("jürgen@müller.de", "jürgen@müller.de")
  ])
  func isKeptInOneForm(typed: String, kept: String) { #expect(EmailAddress(typed)?.text == kept) }

  @Test(arguments: [
    "", "   ", "ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "a b@example.com", "ann@exa mple.com", ".ann@example.com",
    "ann.@example.com", "a..b@example.com", "ann@-example.com", "ann@example-.com", "ann@.com", "ann@example..com", "ann@1.2.3.4",
    "ann@example.com\u{0}", "ann\n@example.com", "<ann@example.com>", "ann,bob@example.com",
    String(repeating: "a", count: 65) + "@example.com", "ann@" + String(repeating: "a", count: 64) + ".com"
  ])
  func isNone(typed: String) { #expect(EmailAddress(typed) == nil) }
}
