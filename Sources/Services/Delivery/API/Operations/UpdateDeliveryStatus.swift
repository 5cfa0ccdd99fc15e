public import Kernel
public import ServiceKit
public import Wire

/// The partner's next step: arrived_at_restaurant, picked_up, arrived_at_customer, delivered; or failed with a reason.
///
/// Repeating the step just made changes nothing. `delivered` needs the customer's hand-over code; staff and administrators may
/// complete without.
@Wire public struct UpdateDeliveryStatus: Operation {
  public static let address = OperationAddress("delivery", "updateDeliveryStatus")
  public static let access = Access.roles(Role.staff.union(Role.administrators).union([.deliveryPartner]))
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Delivery
  public typealias Refusal = UpdateDeliveryStatusRefusal

  public var deliveryId: DeliveryID
  public var status: DeliveryStatus
  /// The four digits that the customer was shown.
  @Field(.length(1...12)) public var handOverCode: String?
  /// When the step was made, where it is told later; held between the step before and now.
  public var occurredAt: Instant?
  /// A code that pages tell in the reader's language, such as `accident`, or a sentence; one may follow the code: `accident: the chain broke`.
  @Field(.length(1...280)) public var reason: String?
  /// The version the caller has seen, from `If-Match`.
  public var version: Int?
}

/// Why a delivery does not take the step.
public enum UpdateDeliveryStatusRefusal: String, WireEnum, Refusal {
  case deliveryUnknown = "delivery_unknown"
  /// The step does not follow on where the delivery stands.
  case stepIllegal = "step_illegal"
  case orderCancelled = "order_cancelled"
  case handOverCodeNeeded = "hand_over_code_needed"
  case handOverCodeWrong = "hand_over_code_wrong"
  /// Too many wrong codes; the restaurant's staff must complete the delivery.
  case handOverCodeLocked = "hand_over_code_locked"
  case reasonNeeded = "reason_needed"
  case versionStale = "version_stale"

  public var kind: RefusalKind {
    switch self {
    case .deliveryUnknown: .hidden
    case .stepIllegal, .orderCancelled: .conflict
    case .handOverCodeNeeded, .handOverCodeWrong, .handOverCodeLocked, .reasonNeeded: .ruled
    case .versionStale: .stale
    }
  }
  public var detail: String {
    switch self {
    case .deliveryUnknown: "there is no such delivery"
    case .stepIllegal: "the step does not follow on where the delivery stands"
    case .orderCancelled: "the order was cancelled"
    case .handOverCodeNeeded: "delivering needs the customer's hand-over code"
    case .handOverCodeWrong: "the hand-over code is wrong"
    case .handOverCodeLocked: "too many wrong hand-over codes: the restaurant's staff must complete the delivery"
    case .reasonNeeded: "a failed delivery needs a reason"
    case .versionStale: "the delivery has changed since"
    }
  }
  public var faults: [Fault] {
    switch self {
    case .handOverCodeNeeded, .handOverCodeWrong, .handOverCodeLocked: [Fault(path: "handOverCode", message: detail)]
    case .reasonNeeded: [Fault(path: "reason", message: detail)]
    default: []
    }
  }
}
