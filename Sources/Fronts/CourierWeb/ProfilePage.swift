import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// `/courier/profile`: name, vehicle, and how it went so far. The first visit makes the profile.
enum ProfilePage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    guard let partner = try await CourierFrame.partner(request) else { return request.redirect(to: "/courier") }
    return try page(partner, request)
  }

  /// Makes the profile, or changes it.
  static func save(_ request: PageRequest) async throws -> WebResponse {
    let known = try await CourierFrame.partner(request)
    do throws(Problem) {
      guard let vehicle = request.form["vehicleType"].flatMap(VehicleType.init(accepting:)) else {
        throw Problem(InvalidInput([Fault(path: "vehicleType", message: request.texts["courier.problem.vehicle"])]))
      }
      guard let name = request.form["name"] else {
        throw Problem(InvalidInput([Fault(path: "name", message: request.texts["courier.problem.name"])]))
      }
      do throws(CallFailure<Never>) { _ = try await request.call(RegisterPartner(vehicleType: vehicle, name: name)) } catch { throw error.problem }
    } catch {
      guard error.status < 500 else { throw error }
      guard let known else { return try request.page("courier/join", status: error.status, fields(of: nil, request, problem: error)) }
      return try page(known, request, problem: error)
    }
    return request.redirect(to: known == nil ? "/courier" : "/courier/profile?saved=yes")
  }

  private static func page(_ partner: Partner, _ request: PageRequest, problem: Problem? = nil) throws -> WebResponse {
    var fields = CourierFrame.fields(partner, .profile, request)
    fields.merge(self.fields(of: partner, request, problem: problem)) { $1 }
    fields["name"] = partner.name
    fields["rating"] = partner.rating.map(request.formats.decimal)
    fields["acceptance"] = partner.acceptanceRate.map { percent($0, request) }
    fields["completion"] = partner.completionRate.map { percent($0, request) }
    fields["total"] = request.formats.number(partner.totalDeliveries)
    fields["since"] = request.formats.day(partner.createdAt, in: CourierFrame.zone(request).name)
    fields["saved"] = request.query["saved"] != nil && problem == nil
    return try request.page("courier/profile", status: problem?.status ?? 200, fields)
  }

  /// The form's fields, filled with what is known.
  static func fields(of partner: Partner?, _ request: PageRequest, problem: Problem? = nil) -> [String: Any] {
    let known = ["name": partner?.name ?? "", "vehicleType": partner?.vehicleType.rawValue ?? ""]
    let form = request.formFields(["name", "vehicleType"], known: known, problem: problem)
    let chosen = request.form["vehicleType"] ?? known["vehicleType"]
    return [
      "f": form,
      "vehicles": VehicleType.allCases.map { vehicle in
        ["code": vehicle.rawValue, "word": request.texts["courier.vehicle.\(vehicle.rawValue)"], "isChosen": vehicle.rawValue == chosen]
          as [String: Any]
      }
    ]
  }

  private static func percent(_ share: Double, _ request: PageRequest) -> String {
    request.formats.percent(Amount(units: Int((share * 100).rounded()), scale: 0))
  }
}
