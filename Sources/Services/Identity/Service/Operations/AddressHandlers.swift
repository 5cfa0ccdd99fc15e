import IdentityAPI
import Kernel
import Persistence
import ServiceKit

/// Answers `ListAddresses`, `AddAddress`, `UpdateAddress` and `RemoveAddress`.
struct AddressHandlers: Sendable {
  let context: IdentityContext
  private let profiles = ProfileStore()
  /// Addresses of a person.
  static let most = 50

  init(context: IdentityContext) { self.context = context }

  func answer(_ request: ListAddresses) async throws -> Page<SavedAddress> {
    let user = try Self.caller()
    return Page(items: try await context.database.read { [profiles] in try profiles.addresses(of: user, limit: Self.most, in: $0) })
  }

  func answer(_ request: AddAddress) async throws -> SavedAddress {
    let user = try Self.caller()
    let fresh = SavedAddress(
      id: context.ids.next(), label: request.label, text: request.text, point: request.point,
      instructions: request.instructions.flatMap { $0.isEmpty ? nil : $0 }, isDefault: request.isDefault, createdAt: context.time.now)
    return try await context.database.write { [profiles] transaction -> SavedAddress in
      let others = try profiles.addresses(of: user, limit: Self.most, in: transaction)
      guard others.count < Self.most else { throw AddressRefusal.tooMany }
      var address = fresh
      address.isDefault = fresh.isDefault || others.isEmpty
      try profiles.insert(address, of: user, in: transaction)
      if address.isDefault { try profiles.setDefault(address.id, of: user, in: transaction) }
      return address
    }
  }

  func answer(_ request: UpdateAddress) async throws -> SavedAddress {
    let user = try Self.caller()
    return try await context.database.write { [profiles] transaction -> SavedAddress in
      guard var address = try profiles.find(request.addressId, of: user, in: transaction) else { throw AddressRefusal.addressUnknown }
      if let label = request.label { address.label = label }
      if let text = request.text { address.text = text }
      if let point = request.point { address.point = point }
      if let instructions = request.instructions { address.instructions = instructions.isEmpty ? nil : instructions }
      try profiles.update(address, in: transaction)
      if request.isDefault == true {
        try profiles.setDefault(address.id, of: user, in: transaction)
        address.isDefault = true
      }
      return address
    }
  }

  func answer(_ request: RemoveAddress) async throws -> Done {
    let user = try Self.caller()
    return try await context.database.write { [profiles] transaction -> Done in
      guard let address = try profiles.find(request.addressId, of: user, in: transaction) else { throw AddressRefusal.addressUnknown }
      try profiles.remove(address.id, in: transaction)
      if address.isDefault { try profiles.setDefault(nil, of: user, in: transaction) }
      return Done()
    }
  }

  private static func caller() throws -> UserID {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    return user
  }
}
