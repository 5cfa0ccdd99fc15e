public import Pages
import ServiceKit
import WebServer

/// Signing in and out, opening an account, and what a person has of it: profile, addresses, proofs, devices and data.
public struct AccountWeb: Front {
  public static let name = "account"
  public static let home = "/account"

  public init() {}

  public var pages: [PageRoute] { signIn + opening + own + addresses + security + privacy }

  private var signIn: [PageRoute] {
    [
      PageRoute(.get, "/sign-in", SignInPage.show),
      PageRoute(.post, "/sign-in", limit: .auth, SignInPage.withPassword),
      PageRoute(.get, "/sign-in/with/:provider", limit: .auth, SignInPage.withProvider),
      // Where every way in ends.
      PageRoute(.get, "/sign-in/done", Arrival.show),
      PageRoute(.get, "/sign-out", SignOutPage.show),
      PageRoute(.post, "/sign-out", SignOutPage.signOut)
    ]
      + form("/sign-in/phone", of: "/sign-in", limit: .auth, SignInPage.sendCode)
      + form("/sign-in/code", of: "/sign-in", limit: .auth, SignInPage.withCode)
      + form("/sign-in/staff", of: "/sign-in", limit: .auth, SignInPage.asStaff)
      + form("/sign-in/first-password", of: "/sign-in", limit: .auth, SignInPage.replacingFirstPassword)
  }

  private var opening: [PageRoute] {
    [
      PageRoute(.get, "/register", RegisterPage.show),
      PageRoute(.post, "/register", limit: .auth, RegisterPage.register),
      PageRoute(.get, "/forgot-password", ForgottenPasswordPage.show),
      PageRoute(.post, "/forgot-password", limit: .auth, ForgottenPasswordPage.send),
      // The mailed link leads here.
      PageRoute(.get, "/reset-password", NewPasswordPage.show),
      PageRoute(.post, "/reset-password", limit: .auth, NewPasswordPage.save)
    ]
  }

  private var own: [PageRoute] {
    [
      PageRoute(.get, "/account", access: .signedIn, ProfilePage.show),
      PageRoute(.post, "/account", access: .signedIn, ProfilePage.save),
      PageRoute(.get, "/account/sessions", access: .signedIn, SessionsPage.show),
      PageRoute(.post, "/account/sessions", access: .signedIn, SessionsPage.endOthers),
      PageRoute(.post, "/account/sessions/:sessionId", access: .signedIn, SessionsPage.end)
    ]
  }

  private var addresses: [PageRoute] {
    [
      PageRoute(.get, "/account/addresses", access: .signedIn, AddressesPage.show),
      PageRoute(.get, "/account/addresses/new", access: .signedIn, AddressPage.new),
      PageRoute(.post, "/account/addresses/new", access: .signedIn, AddressPage.add),
      PageRoute(.get, "/account/addresses/:addressId", access: .signedIn, AddressPage.edit),
      PageRoute(.post, "/account/addresses/:addressId", access: .signedIn, AddressPage.change)
    ]
      + form("/account/addresses/:addressId/remove", of: "/account/addresses", AddressesPage.remove)
      + form("/account/addresses/:addressId/default", of: "/account/addresses", AddressesPage.prefer)
  }

  private var security: [PageRoute] {
    [PageRoute(.get, "/account/security", access: .signedIn, SecurityPage.show)]
      + form("/account/password", of: "/account/security", limit: .auth, SecurityPage.changePassword)
      + form("/account/second-factor", of: "/account/security", limit: .auth, SecurityPage.begin)
      + form("/account/second-factor/confirm", of: "/account/security", limit: .auth, SecurityPage.confirm)
      + form("/account/second-factor/drop", of: "/account/security", limit: .auth, SecurityPage.drop)
  }

  private var privacy: [PageRoute] {
    [
      PageRoute(.get, "/account/privacy", access: .signedIn, PrivacyPage.show),
      PageRoute(.post, "/account/privacy", access: .signedIn, PrivacyPage.saveConsents),
      PageRoute(.get, "/account/erase", access: .signedIn, ErasePage.show),
      PageRoute(.post, "/account/erase", access: .signedIn, limit: .auth, ErasePage.erase)
    ]
  }

  /// Where a form of a page is sent; who comes to its address otherwise, as after choosing a language there, is led to the page.
  private func form(
    _ path: String, of page: String, limit: RouteLimit = .general, _ handler: @escaping @Sendable (PageRequest) async throws -> WebResponse
  ) -> [PageRoute] {
    let access: Access = page == "/sign-in" ? .anyone : .signedIn
    return [
      PageRoute(.post, path, access: access, limit: limit, handler),
      PageRoute(.get, path) { request in request.redirect(to: page + request.url.drop { $0 != "?" }) }
    ]
  }
}
