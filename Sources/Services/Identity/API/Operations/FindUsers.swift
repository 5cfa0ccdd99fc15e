public import Kernel
public import ServiceKit
public import Wire

/// The accounts of some people, in the order of their ids; unknown ids are left out.
@Wire public struct FindUsers: Operation {
  public static let address = OperationAddress("identity", "findUsers")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = FoundUsers

  @Field(.count(0...500)) public var userIds: [UserID]
}

/// The accounts that were found.
@Wire public struct FoundUsers: Hashable, Sendable {
  public var users: [Account]
}
