import Kernel
import ServiceKit
import Synchronization
import WebClient
import Wire

/// One person of the city at the public interface: signs in, keeps the token fresh, waits when the server asks for it.
final class DemoSession: Sendable {
  private struct State {
    var answer: SessionAnswer
    var refreshAt: Instant
  }

  let person: Saltmere.Person
  private let client: WebClient
  private let password: String
  private let time: TimeSource
  private let state: Mutex<State>

  private init(_ person: Saltmere.Person, _ client: WebClient, password: String, time: TimeSource, _ answer: SessionAnswer) {
    self.person = person
    self.client = client
    self.password = password
    self.time = time
    state = Mutex(State(answer: answer, refreshAt: Self.refreshTime(answer, time)))
  }

  /// Signs in, or registers on the first start.
  static func open(_ person: Saltmere.Person, role: String, password: String, _ client: WebClient, _ time: TimeSource) async throws -> DemoSession {
    let answer: SessionAnswer
    do {
      let registration = Registration(
        email: person.email, password: password, firstName: person.firstName, lastName: person.lastName, role: role)
      answer = try await patiently(time) { try await client.send(.post, "/api/auth/register", registration) }
    } catch let problem as WebProblem where problem.status == 409 || problem.status == 422 {
      let credentials = Credentials(email: person.email, password: password)
      answer = try await patiently(time) { try await client.send(.post, "/api/auth/login", credentials) }
    }
    return DemoSession(person, client, password: password, time: time, answer)
  }

  var userId: String { state.withLock { $0.answer.user.id } }
  var tenantId: String? { state.withLock { $0.answer.user.tenantId } }

  /// An access token that is good for a while yet.
  func token() async throws -> String {
    let (answer, isOld) = state.withLock { ($0.answer, $0.refreshAt <= time.now) }
    if isOld { try await renew() }
    return isOld ? state.withLock { $0.answer.accessToken } : answer.accessToken
  }

  /// New tokens, by the refresh token or by the password.
  func renew() async throws {
    let old = state.withLock { $0.answer.refreshToken }
    let answer: SessionAnswer
    do {
      answer = try await client.send(.post, "/api/auth/refresh", RefreshRequest(refreshToken: old))
    } catch let problem as WebProblem where problem.status < 500 && problem.status != 429 {
      answer = try await client.send(.post, "/api/auth/login", Credentials(email: person.email, password: password))
    }
    state.withLock { $0 = State(answer: answer, refreshAt: Self.refreshTime(answer, time)) }
  }

  func get<Reply: WireValue>(_ path: String, as type: Reply.Type = Reply.self) async throws -> Reply {
    try await signedIn { [self] token in try await client.get(path, token: token, as: Reply.self) }
  }

  func send<Reply: WireValue>(
    _ verb: WebClient.Verb, _ path: String, _ body: some WireValue & Sendable, headers: [(String, String)] = [], as type: Reply.Type = Reply.self
  ) async throws -> Reply {
    try await signedIn { [self] token in try await client.send(verb, path, body, token: token, headers: headers, as: Reply.self) }
  }

  func tell(_ verb: WebClient.Verb, _ path: String, _ body: some WireValue & Sendable) async throws {
    try await signedIn { [self] token in try await client.tell(verb, path, body, token: token) }
  }

  private func signedIn<Reply>(_ ask: (String) async throws -> Reply) async throws -> Reply {
    try await Self.patiently(time) {
      do {
        return try await ask(try await token())
      } catch let problem as WebProblem where problem.status == 401 {
        try await renew()
        return try await ask(try await token())
      }
    }
  }

  /// Asks again, a few times, when the server is busy or not there.
  private static func patiently<Reply>(_ time: TimeSource, _ ask: () async throws -> Reply) async throws -> Reply {
    var pause = Duration.milliseconds(500)
    for _ in 0..<4 {
      do {
        return try await ask()
      } catch let problem as WebProblem where problem.status == 429 || problem.status == 503 {
      } catch is NoAnswer {
      }
      try await time.sleep(for: pause)
      pause *= 2
    }
    return try await ask()
  }

  /// Two minutes before the token ends.
  private static func refreshTime(_ answer: SessionAnswer, _ time: TimeSource) -> Instant {
    let end = answer.expiresAt - .seconds(120)
    return end > time.now ? end : time.now + .seconds(60)
  }
}
