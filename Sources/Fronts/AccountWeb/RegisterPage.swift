import IdentityAPI
import Pages
import ServiceKit
import WebServer
import Wire

/// Opening an account, to order, to deliver or to found a restaurant.
enum RegisterPage {
  private static let names = ["firstName", "lastName", "email", "phone", "password"]

  /// Answers `GET /register`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try page(request, nil) }

  /// Answers `POST /register`.
  static func register(_ request: PageRequest) async throws -> WebResponse {
    let (email, password) = (request.typed("email"), request.secret("password"))
    let role: SignUpRole = request.askedFor == .courier ? .deliveryPartner : .customer
    let done = request.redirect(to: "/sign-in/done\(onward(request))")
    do throws(CallFailure<RegisterRefusal>) {
      _ = try await request.call(
        Register(
          email: email, password: password, firstName: request.form["firstName"], lastName: request.form["lastName"], phone: request.form["phone"],
          role: role))
      return done
    } catch {
      // The form was sent twice, or the person has the account already: who knows its password is who they say.
      if case .refused(.emailTaken) = error, (try? await request.call(LogIn(email: email, password: password))) != nil { return done }
      return try page(request, telling(error.problem, of: email))
    }
  }

  /// All that is wrong at once: the service looks at the address only when each field by itself is right.
  private static func telling(_ problem: Problem, of email: String) -> Problem {
    var problem = problem
    if !problem.faults.isEmpty, !problem.faults.contains(where: { $0.path == "email" }), !email.contains("@") {
      problem.faults.append(Fault(path: "email", message: "must be an e-mail address such as ann@example.com"))
    }
    return problem
  }

  private static func page(_ request: PageRequest, _ problem: Problem?) throws -> WebResponse {
    let destination = request.askedFor.flatMap { $0 == .admin ? nil : $0 } ?? .customer
    return try request.framed(
      "account/register", status: WebResponse.status(of: problem),
      [
        "heading": request.texts["account.register.title.\(destination.rawValue)"],
        "lead": request.texts["account.register.lead.\(destination.rawValue)"],
        "onward": request.onward(), "done": "/sign-in/done\(onward(request))", "needsPhone": destination == .courier,
        "others": Destination.allCases.filter { $0 != destination && $0 != .admin }.map {
          ["path": "/register?for=\($0.rawValue)", "name": request.texts["account.register.for.\($0.rawValue)"]]
        },
        "isTaken": problem?.code == "email_taken",
        "f": request.fields(names, secret: ["password"], problem: problem, places: ["email_taken": "email"])
      ])
  }

  /// Who opens an account for a restaurant goes on to found it.
  private static func onward(_ request: PageRequest) -> String {
    request.askedFor == .restaurant && request.query["then"] == nil ? "?for=restaurant&then=%2Frestaurant" : request.onward()
  }
}
