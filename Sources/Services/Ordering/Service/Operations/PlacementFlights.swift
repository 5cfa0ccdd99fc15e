import OrderingAPI
import ServiceKit
import Synchronization

/// Lets copies of one request wait for the first of them instead of doing its work again.
final class PlacementFlights: Sendable {
  /// The order as it was placed, or the refusal that is kept.
  typealias Answer = Result<Order, OrderRefusal>
  private typealias Landing = Result<Answer, any Error>

  private struct Flight {
    let hash: String
    var waiting: [CheckedContinuation<Landing, Never>] = []
  }

  private struct Name: Hashable {
    let scope: String
    let text: String
  }

  private let flights = Mutex<[Name: Flight]>([:])

  /// Runs `work` for the first with a key; the others get its answer, marked as a replay.
  func fly(
    _ key: PlaceOrderHandler.Key, work: () async throws -> (Answer, isReplay: Bool)
  ) async throws -> (Answer, isReplay: Bool) {
    let name = Name(scope: key.scope, text: key.text)
    let other = flights.withLock { flights -> String? in
      if let flight = flights[name] { return flight.hash }
      flights[name] = Flight(hash: key.hash)
      return nil
    }
    if let other {
      guard other == key.hash else { throw OrderRefusal.idempotencyConflict }
      return (try await landing(name, key), true)
    }
    do {
      let answer = try await work()
      land(name, .success(answer.0))
      return answer
    } catch {
      // A copy must not be told that it was cancelled when only the first was.
      land(name, .failure(error is CancellationError ? Unavailable("the first request was cancelled", retryAfterSeconds: 1) : error))
      throw error
    }
  }

  private func landing(_ name: Name, _ key: PlaceOrderHandler.Key) async throws -> Answer {
    let landing = await withCheckedContinuation { continuation in
      let isInTheAir = flights.withLock { flights in
        guard flights[name]?.hash == key.hash else { return false }
        flights[name]?.waiting.append(continuation)
        return true
      }
      // It landed meanwhile; asking again finds its answer in the store.
      if !isInTheAir { continuation.resume(returning: .failure(Unavailable("ask again", retryAfterSeconds: 1))) }
    }
    return try landing.get()
  }

  private func land(_ name: Name, _ landing: Landing) {
    let waiting = flights.withLock { $0.removeValue(forKey: name)?.waiting ?? [] }
    for continuation in waiting { continuation.resume(returning: landing) }
  }
}
