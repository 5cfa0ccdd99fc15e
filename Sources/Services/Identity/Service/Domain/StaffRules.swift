import IdentityAPI
import Kernel
import ServiceKit

/// Who may look after which staff.
enum StaffRules {
  /// Whether the caller may give, or take, a role within a tenant.
  static func mayManage(_ role: StaffRole, _ caller: Caller) -> Bool {
    if caller.hasAny(of: Role.administrators) || caller.has(.system) || caller.has(.owner) { return true }
    return caller.has(.manager) && (role == .kitchenStaff || role == .waiter)
  }

  /// Whether the caller may change somebody who acts as these.
  static func mayManage(_ roles: [Role], _ caller: Caller) -> Bool {
    StaffRole.allCases.filter { roles.contains($0.role) }.allSatisfy { mayManage($0, caller) }
  }
}
