import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing
import Tokens

@testable import Identity

struct SecondFactorTests {
  /// An account with a second factor: its app, its recovery codes and who it is.
  private func turnOn(_ bench: Bench) async throws -> (app: TimeCode, recovery: [String], caller: Caller) {
    let caller = try #require(try await bench.caller(try await bench.register()))
    let offer = try await bench.call(BeginSecondFactor(password: "correct horse"), as: caller)
    #expect(offer.uri.contains("secret=\(offer.secret)"))
    let app = TimeCode(secret: try #require(Base32.decode(offer.secret)))
    #expect(await bench.refusal(of: ConfirmSecondFactor(code: wrong(app, bench)), as: caller) == .wrongCode)
    let codes = try await bench.call(ConfirmSecondFactor(code: now(app, bench)), as: caller)
    return (app, codes.recoveryCodes, caller)
  }

  private func now(_ app: TimeCode, _ bench: Bench) -> String { app.code(at: TimeCode.step(at: bench.time.now)) }

  private func wrong(_ app: TimeCode, _ bench: Bench) -> String {
    let step = TimeCode.step(at: bench.time.now)
    let near = Set((step - 1...step + 1).map { app.code(at: $0) })
    return ["000000", "111111", "222222", "333333"].first { !near.contains($0) }!
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func signingInAsksForTheCode(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let (app, _, caller) = try await turnOn(bench)
    func logIn(_ code: String?) -> LogIn { LogIn(email: "ann@example.com", password: "correct horse", code: code) }
    #expect(await refusal(bench.board, logIn(nil)) == .secondFactorRequired)
    #expect(await refusal(bench.board, logIn(now(app, bench))) == .secondFactorWrong, "the code that turned it on is used up")
    await bench.time.advance(by: .seconds(30))
    #expect(await refusal(bench.board, logIn(wrong(app, bench))) == .secondFactorWrong)
    let code = now(app, bench)
    _ = try await bench.board.call(logIn(code))
    #expect(await refusal(bench.board, logIn(code)) == .secondFactorWrong, "a code is good once")
    #expect(await refusal(bench.board, LogIn(email: "ann@example.com", password: "wrong", code: code)) == .wrongCredentials)
    #expect(await bench.refusal(of: BeginSecondFactor(password: "correct horse"), as: caller) == .alreadyOn)
  }

  @Test func aRecoveryCodeStandsInOnce() async throws {
    let bench = try await Bench()
    let (_, recovery, caller) = try await turnOn(bench)
    #expect(recovery.count == 10 && Set(recovery).count == 10)
    func logIn(_ code: String) -> LogIn { LogIn(email: "ann@example.com", password: "correct horse", code: code) }
    _ = try await bench.board.call(logIn(recovery[0].uppercased()))
    #expect(await refusal(bench.board, logIn(recovery[0])) == .secondFactorWrong)
    #expect(await bench.refusal(of: DropSecondFactor(password: "wrong", code: recovery[1]), as: caller) == .wrongPassword)
    #expect(try await bench.call(ReadSafeguards(), as: caller) == Safeguards(hasPassword: true, hasSecondFactor: true, recoveryCodes: 9))
    _ = try await bench.call(DropSecondFactor(password: "correct horse", code: recovery[1]), as: caller)
    #expect(try await bench.call(ReadSafeguards(), as: caller) == Safeguards(hasPassword: true, hasSecondFactor: false, recoveryCodes: 0))
    _ = try await bench.logIn()
    #expect(try await bench.count("identity_recovery_codes") == 0)
  }

  @Test func guessingRunsOut() async throws {
    let bench = try await Bench()
    let (app, _, _) = try await turnOn(bench)
    await bench.time.advance(by: .seconds(60))
    let guess = LogIn(email: "ann@example.com", password: "correct horse", code: wrong(app, bench))
    for _ in 1...5 { #expect(await refusal(bench.board, guess) == .secondFactorWrong) }
    let right = LogIn(email: "ann@example.com", password: "correct horse", code: now(app, bench))
    #expect(await refusal(bench.board, right) == .tooManyAttempts)
  }
}
