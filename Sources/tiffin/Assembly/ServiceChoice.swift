import Catalog
import Delivery
import Gateway
import Hosting
import Identity
import Notifications
import Ordering
import Payments
import Pricing
import Settings

/// Which services a process hosts.
struct ServiceChoice {
  /// Every service of the platform; the first of each pair that calls the other stands later.
  static let all: [any ServiceModule.Type] = [
    IdentityModule.self, CatalogModule.self, PricingModule.self, PaymentsModule.self, OrderingModule.self, DeliveryModule.self,
    NotificationsModule.self, GatewayModule.self
  ]

  /// In the order of `all`.
  let hosted: [any ServiceModule.Type]

  var isAll: Bool { hosted.count == Self.all.count }

  /// - Throws: `SettingsFault` when a service is named that does not exist, or none at all.
  init(_ settings: SettingsSource) throws {
    let written = settings.text(
      "cluster.services", default: "", "The services that this process hosts, such as ordering,payments; empty: all of them.")
    let names = written.split(separator: ",").map { $0.filter { $0 != " " } }
    if let stranger = names.first(where: { name in !Self.all.contains { $0.name == name } }) {
      throw SettingsFault(
        name: "cluster.services",
        problem: "names \"\(stranger)\", which is no service; there are \(Self.all.map { $0.name }.joined(separator: ", "))")
    }
    if names.isEmpty, !written.isEmpty { throw SettingsFault(name: "cluster.services", problem: "names no service; leave it empty to host all") }
    hosted = names.isEmpty ? Self.all : Self.all.filter { names.contains($0.name) }
  }
}
