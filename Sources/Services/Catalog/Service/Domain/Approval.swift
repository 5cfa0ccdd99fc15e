import Kernel

/// Whether a restaurant may be shown and take orders, as an administrator says where the platform asks for that.
struct Approval: Hashable, Sendable {
  /// Since when it waits; absent: it does not.
  var waitingSince: Instant?
  var approvedAt: Instant?
  var note: String?

  var isGiven: Bool { waitingSince == nil }

  /// What holds after an administrator's word; the same word again holds as it did.
  func given(_ isGiven: Bool, _ note: String?, at now: Instant) -> Approval {
    guard isGiven != self.isGiven else { return Approval(waitingSince: waitingSince, approvedAt: approvedAt, note: note ?? self.note) }
    return Approval(waitingSince: isGiven ? nil : now, approvedAt: isGiven ? now : nil, note: note)
  }
}
