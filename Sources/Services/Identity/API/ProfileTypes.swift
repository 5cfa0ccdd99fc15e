public import Kernel
public import ServiceKit
public import Wire

public enum AddressEntity {}
public typealias AddressID = Identifier<AddressEntity>

/// A place where somebody wants things brought.
@Wire public struct SavedAddress: Hashable, Sendable {
  public var id: AddressID
  /// What the person calls it, such as "Home".
  public var label: String
  public var text: String
  public var point: GeoPoint
  /// For the courier.
  public var instructions: String?
  /// One of somebody's addresses, if there are any, is the one to start with.
  public var isDefault: Bool
  public var createdAt: Instant
}

/// Why addresses stay as they are.
public enum AddressRefusal: String, WireEnum, Refusal {
  case addressUnknown = "address_unknown"
  case tooMany = "too_many_addresses"
  public var kind: RefusalKind { self == .addressUnknown ? .hidden : .ruled }
}

/// What somebody can agree to.
public enum ConsentPurpose: String, WireEnum, Hashable {
  case terms, privacy
  case marketingMail = "marketing_mail"
  case marketingText = "marketing_text"
  case analytics
}

/// Whether somebody agreed to something, and since when.
@Wire public struct Consent: Hashable, Sendable {
  public var purpose: ConsentPurpose
  public var isGiven: Bool
  public var at: Instant
}

/// What somebody agreed to.
@Wire public struct Consents: Hashable, Sendable {
  public var consents: [Consent]
}

/// A provider that vouches for somebody.
@Wire public struct LinkedProvider: Hashable, Sendable {
  public var issuer: String
  public var linkedAt: Instant
}

/// All that Identity holds about a person.
@Wire public struct AccountData: Hashable, Sendable {
  public var account: Account
  public var addresses: [SavedAddress]
  /// Every change, the oldest first.
  public var consents: [Consent]
  public var providers: [LinkedProvider]
  public var sessions: [OpenSession]
  /// What was done to the account, or by the person, lately.
  public var record: [AuditEntry]
}
