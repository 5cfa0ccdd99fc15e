public import Kernel
public import ServiceKit
public import Wire

/// All that Identity holds about a person, for the document that they ask for.
@Wire public struct ExportAccount: Operation {
  public static let address = OperationAddress("identity", "exportAccount")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = AccountData
  public typealias Refusal = ReadMeRefusal

  public var userId: UserID
}
