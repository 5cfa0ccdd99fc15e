import IdentityAPI
import Settings

/// One provider as the operator set it up.
struct ProviderSettings: Sendable {
  var issuer: String
  var clientID: String
  /// Empty for a client that has none.
  var clientSecret: String

  /// Those that are set up.
  static func read(_ settings: SettingsSource) throws -> [ExternalProvider: ProviderSettings] {
    let google = ProviderSettings(
      issuer: settings.text("identity.googleIssuer", default: "https://accounts.google.com", "Who vouches for people at sign-ins with Google."),
      clientID: settings.text("identity.googleClientId", default: "", "The client id at Google; sign-in with Google is off without it."),
      clientSecret: settings.text("identity.googleClientSecret", default: "", isSecret: true, "The client secret at Google."))
    let other = ProviderSettings(
      issuer: settings.text("identity.oidcIssuer", default: "", "An OpenID Connect issuer to sign in with; none without it."),
      clientID: settings.text("identity.oidcClientId", default: "", "The client id at that issuer."),
      clientSecret: settings.text("identity.oidcClientSecret", default: "", isSecret: true, "The client secret at that issuer."))
    var found: [ExternalProvider: ProviderSettings] = [:]
    if !google.clientID.isEmpty { found[.google] = try google.checked("identity.googleIssuer") }
    if !other.issuer.isEmpty {
      if other.clientID.isEmpty { throw SettingsFault(name: "identity.oidcClientId", problem: "is needed beside identity.oidcIssuer") }
      found[.oidc] = try other.checked("identity.oidcIssuer")
    }
    return found
  }

  /// Keys come over the connection to the issuer, so that it must not be read or changed on its way.
  private func checked(_ name: String) throws -> ProviderSettings {
    let isLocal = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
      issuer == $0 || issuer.hasPrefix($0 + ":") || issuer.hasPrefix($0 + "/")
    }
    guard issuer.hasPrefix("https://") || isLocal else { throw SettingsFault(name: name, problem: "must be an https:// URL, not \"\(issuer)\"") }
    return self
  }
}
