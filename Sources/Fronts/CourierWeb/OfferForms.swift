import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// The two answers to an offer.
enum OfferForms {
  static func accept(_ request: PageRequest) async throws -> WebResponse {
    let id = try request.id("offerId", OfferID.self)
    do {
      _ = try await request.call(AcceptOffer(offerId: id))
      return request.redirect(to: "/courier")
    } catch .refused { return request.redirect(to: "/courier?gone=\(id)") }
  }

  static func decline(_ request: PageRequest) async throws -> WebResponse {
    // One that is gone needs no answer any more.
    do { _ = try await request.call(DeclineOffer(offerId: request.id("offerId", OfferID.self))) } catch CallFailure<OfferRefusal>.refused {
      return request.redirect(to: "/courier")
    }
    return request.redirect(to: "/courier")
  }
}
