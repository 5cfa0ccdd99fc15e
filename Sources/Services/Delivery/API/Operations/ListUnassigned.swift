public import Kernel
public import ServiceKit
public import Wire

/// The deliveries that nobody took, the oldest first: of the caller's tenant; of all for administrators.
@Wire public struct ListUnassigned: Operation {
  public static let address = OperationAddress("delivery", "listUnassigned")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<Delivery>

  @Field(.within(1...200)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
