public import Kernel
public import ServiceKit
public import Wire

/// What was done to accounts, the newest first: of a tenant for its managers, of all for administrators.
@Wire public struct ListAudit: Operation {
  public static let address = OperationAddress("identity", "listAudit")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<AuditEntry>

  public var tenantId: TenantID?
  public var subjectId: UserID?
  public var actorId: UserID?
  public var action: AuditAction?
  public var from: Instant?
  public var to: Instant?
  public var cursor: String?
  @Field(.within(1...200)) public var limit: Int = 50

  public var namedTenant: TenantID? { tenantId }
}
