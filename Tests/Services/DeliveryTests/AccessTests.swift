import DeliveryAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Delivery

/// Who may ask for what, for every operation there is: a new one fails here until somebody says who may.
@Suite struct DeliveryAccessTests {
  enum Kind: CaseIterable { case anonymous, customer, courier, staff, admin }

  static let everyone = Set(Kind.allCases)
  static let expected: [String: Set<Kind>] = [
    "registerPartner": [.courier], "getPartner": [.courier], "updatePartner": [.courier], "recordPositions": [.courier], "listOffers": [.courier],
    "acceptOffer": [.courier], "declineOffer": [.courier], "listEarnings": [.courier],
    "listDeliveries": [.courier, .staff, .admin], "getDelivery": [.courier, .staff, .admin], "updateDeliveryStatus": [.courier, .staff, .admin],
    "assignDelivery": [.staff, .admin], "listUnassigned": [.staff, .admin], "listPartners": [.staff, .admin],
    "getTracking": everyone.subtracting([.anonymous]), "rateDelivery": everyone.subtracting([.anonymous]), "getCity": everyone
  ]

  @Test func everyOperationForEveryKindOfCaller() async throws {
    let town = try await Town()
    let callers: [Kind: Caller] = [
      .anonymous: .anonymous, .customer: town.customer(), .courier: town.courier(), .staff: town.staff, .admin: town.admin
    ]
    let operations = town.module.operations
    #expect(Set(operations.map(\.address.name)) == Set(Self.expected.keys))
    for operation in operations {
      for (kind, caller) in callers {
        let denial = operation.type.denial(of: caller, naming: nil)
        #expect(
          (denial == nil) == Self.expected[operation.address.name]?.contains(kind),
          "\(operation.address) as \(kind): \(denial?.rawValue ?? "allowed")")
      }
    }
  }

  @Test func everyRouteIsAnsweredAndEveryOperationHasOne() async throws {
    let answered = Set(try await Town().module.operations.map(\.address))
    let routed = Set(DeliveryModule.routes.map { $0.operation.address })
    #expect(routed == answered)
    _ = RouteTable(DeliveryModule.routes)
  }
}
