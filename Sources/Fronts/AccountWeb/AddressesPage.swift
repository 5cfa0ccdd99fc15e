import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// The places where a person has things brought.
enum AddressesPage {
  /// Answers `GET /account/addresses`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  static func page(_ request: PageRequest, problem: Problem? = nil) async throws -> WebResponse {
    let addresses = try await request.call(ListAddresses()).items.map { address -> [String: Any] in
      [
        "id": address.id.description, "label": address.label, "text": address.text, "instructions": address.instructions ?? false,
        "isDefault": address.isDefault
      ]
    }
    return try request.framed(
      "account/addresses", status: WebResponse.status(of: problem), tab: .addresses,
      ["addresses": addresses, "hasAddresses": !addresses.isEmpty, "problem": problem.map { request.sentence(of: $0) }])
  }

  /// Answers `POST /account/addresses/:addressId/remove`; what is gone already is gone.
  static func remove(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<AddressRefusal>) { _ = try await request.call(RemoveAddress(addressId: try Self.address(request))) } catch {
      guard case .refused(.addressUnknown) = error else { return try await page(request, problem: error.problem) }
    }
    return request.redirect(to: "/account/addresses?notice=removed")
  }

  /// Answers `POST /account/addresses/:addressId/default`.
  static func prefer(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<AddressRefusal>) {
      _ = try await request.call(UpdateAddress(addressId: try Self.address(request), isDefault: true))
      return request.redirect(to: "/account/addresses?notice=saved")
    } catch { return try await page(request, problem: error.problem) }
  }

  /// The address that the path names.
  static func address(_ request: PageRequest) throws(CallFailure<AddressRefusal>) -> AddressID {
    guard let id = request.path["addressId"].flatMap(AddressID.init) else { throw .refused(.addressUnknown) }
    return id
  }
}
