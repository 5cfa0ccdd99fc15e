import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// One place where a person has things brought: what it is called, where it is, and what the courier has to know.
enum AddressPage {
  private static let names = ["label", "text", "instructions", "point.latitude", "point.longitude"]

  /// Answers `GET /account/addresses/new`; `then` leads back to who asked for it, such as the checkout.
  static func new(_ request: PageRequest) async throws -> WebResponse { try await page(request, nil, nil) }

  /// Answers `GET /account/addresses/:addressId`.
  static func edit(_ request: PageRequest) async throws -> WebResponse { try await page(request, try await known(request), nil) }

  /// Answers `POST /account/addresses/new`.
  static func add(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<AddressRefusal>) {
      let typed = try typed(request)
      // A form that is sent twice makes one address.
      let others: [SavedAddress]
      do throws(CallFailure<ListAddresses.Refusal>) { others = try await request.call(ListAddresses()).items } catch { others = [] }
      if !others.contains(where: { $0.label == typed.label && $0.text == typed.text && $0.point == typed.point }) {
        _ = try await request.call(typed)
      }
      return request.redirect(to: request.next(or: "/account/addresses?notice=saved"))
    } catch { return try await page(request, nil, error.problem) }
  }

  /// Answers `POST /account/addresses/:addressId`.
  static func change(_ request: PageRequest) async throws -> WebResponse {
    let known = try await known(request)
    do throws(CallFailure<AddressRefusal>) {
      let typed = try typed(request)
      _ = try await request.call(
        UpdateAddress(
          addressId: known.id, label: typed.label, text: typed.text, point: typed.point, instructions: typed.instructions ?? "",
          isDefault: typed.isDefault ? true : nil))
      return request.redirect(to: request.next(or: "/account/addresses?notice=saved"))
    } catch { return try await page(request, known, error.problem) }
  }

  private static func known(_ request: PageRequest) async throws -> SavedAddress {
    let id = try request.id("addressId", AddressID.self)
    guard let address = try await request.call(ListAddresses()).items.first(where: { $0.id == id }) else {
      throw Problem(404, "not_found", "There is nothing at this path.")
    }
    return address
  }

  /// What the form says, with all that is wrong with it at once.
  private static func typed(_ request: PageRequest) throws(CallFailure<AddressRefusal>) -> AddAddress {
    let (latitude, longitude) = coordinates(request)
    // Far outside of the globe stands for what was not typed, so that the other fields are looked at all the same.
    var address = AddAddress(label: request.typed("label"), text: request.typed("text"), point: GeoPoint(latitude: 0, longitude: 0))
    address.instructions = request.form["instructions"]
    address.isDefault = request.form["isDefault"] == "true"
    var faults: [Fault] = []
    for (name, value) in [("point.latitude", latitude), ("point.longitude", longitude)] where value == nil {
      faults.append(Fault(path: name, message: request.form[name] == nil ? "must not be empty" : "must be a number"))
    }
    address.point = GeoPoint(latitude: latitude ?? 0, longitude: longitude ?? 0)
    if !faults.isEmpty {
      do throws(InvalidInput) { _ = try decode(AddAddress.self, from: encode(address)) } catch { faults += error.all }
      throw .invalid(InvalidInput(faults))
    }
    return address
  }

  /// The point that was typed; both numbers may stand in the first field, as maps copy them.
  private static func coordinates(_ request: PageRequest) -> (latitude: Double?, longitude: Double?) {
    let parts = request.typed("point.latitude").split { $0 == "," || $0.isWhitespace }.compactMap { Double($0) }
    if parts.count == 2, request.form["point.longitude"] == nil { return (parts[0], parts[1]) }
    return (request.form.number("point.latitude"), request.form.number("point.longitude"))
  }

  private static func page(_ request: PageRequest, _ address: SavedAddress?, _ problem: Problem?) async throws -> WebResponse {
    var known: [String: String] = [:]
    if let address {
      known = [
        "label": address.label, "text": address.text, "instructions": address.instructions ?? "", "point.latitude": "\(address.point.latitude)",
        "point.longitude": "\(address.point.longitude)"
      ]
    }
    return try request.framed(
      "account/address", status: WebResponse.status(of: problem), tab: .addresses,
      [
        "heading": request.texts[address == nil ? "account.address.new" : "account.address.change"],
        "action": "/account/addresses/\(address?.id.description ?? "new")\(request.onward())", "isKnown": address != nil,
        "isDefault": address?.isDefault ?? false, "isTicked": request.form["isDefault"] == "true",
        "back": request.next(or: "/account/addresses"),
        "f": request.fields(names, known: known, problem: problem)
      ])
  }
}
