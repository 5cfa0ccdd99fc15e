import Kernel
public import ServiceKit
public import Wire

/// The caller's profile as a delivery partner.
@Wire public struct GetPartner: Operation {
  public static let address = OperationAddress("delivery", "getPartner")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.safe
  public typealias Reply = Partner
  public typealias Refusal = PartnerRefusal
}

/// Why a partner's profile is neither shown nor changed.
public enum PartnerRefusal: String, WireEnum, Refusal {
  /// No profile was made yet.
  case partnerUnknown = "partner_unknown"
  /// Only `available` and `offline` can be asked for; the others follow from offers and deliveries.
  case statusNotYours = "status_not_yours"
  public var kind: RefusalKind { self == .partnerUnknown ? .hidden : .ruled }
  public var detail: String {
    switch self {
    case .partnerUnknown: "there is no delivery partner profile yet: POST /api/delivery-partner makes one"
    case .statusNotYours: "only available and offline can be chosen; offered and busy follow from offers and deliveries"
    }
  }
}
