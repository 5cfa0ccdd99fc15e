public import Kernel
public import ServiceKit
public import Wire

/// The terms of many restaurants at once, in the order asked for; those that there are not are left out.
@Wire public struct GetTerms: Operation {
  public static let address = OperationAddress("catalog", "getTerms")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = FoundTerms

  @Field(.count(0...100)) public var restaurantIds: [RestaurantID]
  /// Whether those count too that are closed down, or wait for their approval.
  public var withClosed: Bool = false
}

/// The terms that were found.
@Wire public struct FoundTerms: Hashable, Sendable {
  public var terms: [RestaurantTerms]
}
