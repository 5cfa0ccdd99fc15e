public import Kernel
public import Wire

public enum TenantEntity {}
public enum UserEntity {}
public enum SessionEntity {}
/// An organisation that sells food.
public typealias TenantID = Identifier<TenantEntity>
/// A person with an account: customer, delivery partner, staff or administrator.
public typealias UserID = Identifier<UserEntity>
public typealias SessionID = Identifier<SessionEntity>

/// What a person, or a part of the platform, acts as.
public enum Role: String, WireEnum, Hashable, Comparable {
  case customer
  case deliveryPartner = "delivery_partner"
  case owner, manager
  case kitchenStaff = "kitchen_staff"
  case waiter
  case admin
  case superAdmin = "super_admin"
  /// A service of this installation acting on its own: reactions, sagas, jobs. Never given to a session.
  case system

  /// The roles that belong to a tenant.
  public static let staff: Set<Role> = [.owner, .manager, .kitchenStaff, .waiter]
  /// The staff who may change what a restaurant sells and how.
  public static let managers: Set<Role> = [.owner, .manager]
  /// Who runs the platform.
  public static let administrators: Set<Role> = [.admin, .superAdmin]

  public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}

/// Who asks; it travels beside the request, never in it.
@Wire public struct Caller: Hashable, Sendable {
  public var user: UserID?
  /// The tenant that staff belong to.
  public var tenant: TenantID?
  public var roles: [Role]
  public var session: SessionID?
  /// The key of an anonymous browser's cart, from `X-Cart-Key`.
  public var cartKey: String?
  /// What a machine's key is good for, such as `ordering:read`; absent for people, whose roles say it all.
  public var scopes: [String]?
  /// From where it is asked, for operations that note it down.
  public var origin: CallOrigin?

  public static let anonymous = Caller(roles: [])

  /// A service of this installation acting on its own.
  public static let system = Caller(roles: [.system])

  @TaskLocal public static var current = Caller.anonymous

  public func has(_ role: Role) -> Bool { roles.contains(role) }
  public func hasAny(of some: Set<Role>) -> Bool { roles.contains(where: some.contains) }

  /// Whether the caller may act for the tenant: its staff, administrators and the platform itself.
  public func actsFor(_ tenant: TenantID) -> Bool {
    hasAny(of: Role.administrators) || has(.system) || (self.tenant == tenant && hasAny(of: Role.staff))
  }
}

/// From where somebody asks.
@Wire public struct CallOrigin: Hashable, Sendable {
  /// The client's network address.
  public var address: String
  /// What the client calls itself.
  public var agent: String?
}

/// Who may ask for an operation; finer rules (whose order is it?) are the handler's.
public enum Access: Hashable, Sendable {
  case anyone
  case signedIn
  case roles(Set<Role>)
  /// Only services of this installation; such an operation has no route.
  case internalOnly
}

/// Why the caller may not ask.
public enum Denial: String, WireEnum, Hashable {
  case notSignedIn = "not_signed_in", forbidden, tenantMismatch = "tenant_mismatch"
  /// The machine's key is not good for this.
  case scopeMissing = "scope_missing"
}

extension Caller {
  /// Whether a machine's key is good for the operation: `ordering:read` for what changes nothing, else `ordering:write`.
  func isInScope(_ address: OperationAddress, _ repeatability: Repeatability) -> Bool {
    guard let scopes else { return true }
    return scopes.contains("\(address.service):\(repeatability == .safe ? "read" : "write")")
  }
}

extension Operation {
  /// The one place where it is decided who may ask: nothing, or why not.
  ///
  /// - Parameter tenant: the one that the request names; nothing before it is read.
  public static func denial(of caller: Caller, naming tenant: TenantID?) -> Denial? {
    if let denial = access.denial(of: caller, naming: tenant) { return denial }
    return access == .anyone || caller.isInScope(address, repeatability) ? nil : .scopeMissing
  }
}

extension Access {
  /// What follows from the kind of caller, and from the tenant; nothing where the caller may.
  public func denial(of caller: Caller, naming tenant: TenantID? = nil) -> Denial? {
    if caller.has(.system) { return nil }
    switch self {
    case .anyone: break
    case .internalOnly: return .forbidden
    case .signedIn where caller.user == nil, .roles where caller.user == nil: return .notSignedIn
    case .signedIn: break
    case .roles(let allowed) where allowed.isDisjoint(with: caller.roles): return .forbidden
    case .roles: break
    }
    if let tenant, let own = caller.tenant, tenant != own, !caller.hasAny(of: Role.administrators) { return .tenantMismatch }
    return nil
  }
}
