import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct PhoneCodeTests {
  private let phone = "+442071838750"

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aCodeSignsInAndOpensAnAccountOnce(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let sent = try await bench.board.call(RequestCode(phone: "+44 (20) 7183-8750"))
    #expect(sent.expiresAt.milliseconds == bench.time.now.milliseconds + 300_000)
    #expect(sent.resendAt.milliseconds == bench.time.now.milliseconds + 30_000)
    let code = try #require(try await bench.word())
    #expect(code.utf8.count == 6 && code.allSatisfy(\.isNumber))
    let first = try await bench.board.call(VerifyCode(phone: phone, otp: code))
    #expect(first.user.phone == phone && first.user.roles == [.customer] && first.user.email == nil)
    #expect(try await bench.caller(first)?.user == first.user.id)
    #expect(try await bench.events() == ["customer.created"])
    #expect(await refusal(bench.board, VerifyCode(phone: phone, otp: code)) == .wrongCode, "a code is good once")
    await bench.time.advance(by: .seconds(30))
    _ = try await bench.board.call(RequestCode(phone: phone))
    let second = try await bench.board.call(VerifyCode(phone: phone, otp: try #require(try await bench.word())))
    #expect(second.user.id == first.user.id)
  }

  @Test func aCodeIsKeptAsAHash() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: phone))
    let kept = try await bench.database.read { try $0.first("SELECT code_hash FROM identity_codes") { $0.text(0) } }
    #expect(kept?.hasPrefix("$2b$") == true)
    try await bench.run("identity.letters")
    #expect(try await bench.count("identity_letters") == 0, "what was handed over is forgotten")
  }

  @Test func anotherCodeComesAfterAWhile() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: phone))
    let first = try #require(try await bench.word())
    await bench.time.advance(by: .seconds(29))
    #expect(await refusal(bench.board, RequestCode(phone: phone)) == .sentJustNow)
    #expect(try await bench.count("identity_letters") == 1)
    await bench.time.advance(by: .seconds(1))
    _ = try await bench.board.call(RequestCode(phone: phone))
    let second = try #require(try await bench.word())
    if first != second { #expect(await refusal(bench.board, VerifyCode(phone: phone, otp: first)) == .wrongCode) }
    _ = try await bench.board.call(VerifyCode(phone: phone, otp: second))
  }

  @Test func aCodeEnds() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: phone))
    let code = try #require(try await bench.word())
    await bench.time.advance(by: .seconds(300))
    #expect(await refusal(bench.board, VerifyCode(phone: phone, otp: code)) == .wrongCode)
  }

  @Test func fiveTriesAreAll() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: phone))
    let code = try #require(try await bench.word())
    let wrong = code == "000000" ? "000001" : "000000"
    for _ in 1...4 { #expect(await refusal(bench.board, VerifyCode(phone: phone, otp: wrong)) == .wrongCode) }
    #expect(await refusal(bench.board, VerifyCode(phone: phone, otp: wrong)) == .spent)
    #expect(await refusal(bench.board, VerifyCode(phone: phone, otp: code)) == .spent, "the right one is worth nothing any more")
    #expect(try await bench.count("identity_users") == 0)
  }

  @Test func triesAtTheSameTimeCountAsMany() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: phone))
    let code = try #require(try await bench.word())
    let wrong = code == "000000" ? "000001" : "000000"
    let told = await withTaskGroup(of: VerifyCodeRefusal?.self) { group in
      for _ in 0..<20 { group.addTask { await refusal(bench.board, VerifyCode(phone: phone, otp: wrong)) } }
      return await group.reduce(into: [VerifyCodeRefusal?]()) { $0.append($1) }
    }
    #expect(told.filter { $0 == .wrongCode }.count == 4)
    #expect(told.filter { $0 == .spent }.count == 16)
  }

  @Test func ofTwoThatShowACodeAtOnceOneIsLetIn() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: phone))
    let code = try #require(try await bench.word())
    let won = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 { group.addTask { (try? await bench.board.call(VerifyCode(phone: phone, otp: code))) != nil } }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(won == 1)
    #expect(try await bench.count("identity_users") == 1)
  }

  @Test(arguments: [
    ("+44 20 7183 8750", "", "+442071838750"), ("0044 20 7183 8750", "", "+442071838750"), ("9876543210", "91", "+919876543210"),
    ("09876543210", "91", "+919876543210"), ("9876543210", "", nil), ("+0123456789", "", nil), ("+1234567890123456", "", nil), ("+12", "", nil),
    ("call me", "91", nil), ("+44+20", "", nil), ("", "91", nil)
  ])
  func numbersAreMadeUniform(typed: String, callingCode: String, expected: String?) {
    #expect(PhoneNumber(typed, callingCode: callingCode)?.text == expected)
  }

  @Test func wrongNumbersAreToldAndSetNothingOff() async throws {
    let bench = try await Bench()
    #expect(await faults(bench.board, RequestCode(phone: "12345")) == ["phone"])
    #expect(await faults(bench.board, VerifyCode(phone: "12345", otp: "123456")) == ["phone"])
    #expect(try await bench.count("identity_codes") == 0)
  }
}
