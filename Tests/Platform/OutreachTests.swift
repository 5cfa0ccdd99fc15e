import Outreach
import Testing

struct OutreachTests {
  @Test(
    arguments: [
      ("smtp://mail.example.com", false, "mail.example.com", 587, nil, nil), ("smtps://mail.example.com/", true, "mail.example.com", 465, nil, nil),
      ("smtp://ann:p%40ss:word@127.0.0.1:2525", false, "127.0.0.1", 2525, "ann", "p@ss:word")
    ] as [(String, Bool, String, Int, String?, String?)])
  func addressesOfMailServers(text: String, isSecure: Bool, host: String, port: Int, user: String?, password: String?) throws {
    let address = try #require(SMTPAddress(text))
    #expect(address.isSecure == isSecure && address.host == host && address.port == port)
    #expect(address.user == user && address.password == password)
  }

  @Test(arguments: ["", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:0", "smtp://host:x", "smtp://ann@host", "smtp://a/b"])
  func whatIsNoAddress(text: String) { #expect(SMTPAddress(text) == nil) }

  @Test func nothingIsSentToWhatIsNoAddress() async {
    for recipient in ["ann@example.com>\r\nDATA", "ann <ann@example.com>", "a b"] {
      let mails = SMTPMails(SMTPAddress("smtp://127.0.0.1:1")!, sender: "no-reply@example.com", time: .scaled(from: .init(milliseconds: 0)))
      await #expect(throws: Undelivered.self) { try await mails.send(Mail(recipient: recipient, subject: "x", text: "y", id: "1")) }
    }
  }
}
