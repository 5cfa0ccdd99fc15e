import Foundation
import Pages
import ServiceKit

/// One of the apps that people sign in for.
enum Destination: String, CaseIterable {
  case customer, restaurant, courier, admin

  /// The app's first page.
  var home: String { self == .customer ? "/" : "/\(rawValue)" }

  /// Who may use it.
  private var roles: Set<Role> {
    switch self {
    case .customer: [.customer]
    case .restaurant: Role.staff
    case .courier: [.deliveryPartner]
    case .admin: Role.administrators
    }
  }

  /// The app of a person: the one asked for, where it is one of theirs.
  init(of roles: [Role], preferring asked: Destination?) {
    let own = [Destination.admin, .restaurant, .courier, .customer].filter { !$0.roles.isDisjoint(with: roles) }
    self = own.first { $0 == asked } ?? own.first ?? .customer
  }
}

extension PageRequest {
  /// The app that `for` names.
  var askedFor: Destination? { query["for"].flatMap(Destination.init(rawValue:)) }

  /// The app that the page belongs to: of who is signed in, else the one asked for.
  var destination: Destination { caller.user == nil ? askedFor ?? .customer : Destination(of: caller.roles, preferring: askedFor) }

  /// `for` and `then` again, for links and forms that lead on.
  ///
  /// - Parameter others: what goes before them.
  func onward(_ others: [(String, String)] = [], for destination: Destination? = nil) -> String {
    var parts = others
    if let named = destination?.rawValue ?? askedFor?.rawValue { parts.append(("for", named)) }
    if query["then"] != nil || form["then"] != nil { parts.append(("then", next(or: "/"))) }
    return parts.isEmpty ? "" : "?" + parts.map { "\($0)=\(escaped($1))" }.joined(separator: "&")
  }

  private func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
