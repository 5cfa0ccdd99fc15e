import OrderingAPI

/// Answers `GetCart`.
struct GetCartHandler: Sendable {
  let desk: CartDesk

  func callAsFunction(_ request: GetCart) async throws -> Cart { try await desk.view(try await desk.look()) }
}
