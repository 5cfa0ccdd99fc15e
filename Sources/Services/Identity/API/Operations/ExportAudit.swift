public import Kernel
public import ServiceKit
public import Wire

/// The same as `ListAudit` as CSV (RFC 4180), the newest ten thousand entries that fit.
@Wire public struct ExportAudit: Operation {
  public static let address = OperationAddress("identity", "exportAudit")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = TextDocument

  public var tenantId: TenantID?
  public var subjectId: UserID?
  public var actorId: UserID?
  public var action: AuditAction?
  public var from: Instant?
  public var to: Instant?

  public var namedTenant: TenantID? { tenantId }
}
