import PaymentsAPI

/// What is to be done about a hold that the provider has had for a while.
enum HoldReview: Hashable, Sendable {
  /// It belongs to a payment that counts on it.
  case keep
  /// Nobody counts on it any more.
  case void
  /// Nobody knows of it: close its order first, so that nobody can come to count on it while it is voided.
  case closeAndVoid
  /// Its payment never heard the answer, and told its order so: the payment fails, then the hold is voided.
  case failAndVoid

  init(record: PaymentRecord?) {
    switch record {
    case nil: self = .closeAndVoid
    case .closed: self = .void
    case .payment(let payment):
      switch payment.status {
      case .authorized, .succeeded, .refunded: self = .keep
      case .failed, .voided: self = .void
      case .initiated: self = .failAndVoid
      }
    }
  }
}
