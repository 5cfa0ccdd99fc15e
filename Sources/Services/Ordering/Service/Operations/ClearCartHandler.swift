import OrderingAPI

/// Answers `ClearCart`.
struct ClearCartHandler: Sendable {
  let desk: CartDesk

  func callAsFunction(_ request: ClearCart) async throws -> Cart {
    try await desk.view(try await desk.change { $0 = CartContents() })
  }
}
