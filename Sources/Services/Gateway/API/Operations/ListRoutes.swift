public import ServiceKit
public import Wire

/// Every URL that this process answers, and the operation behind it.
@Wire public struct ListRoutes: Operation {
  public static let address = OperationAddress("gateway", "listRoutes")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Encoded<RouteList>
}

/// Every route of the process.
@Wire public struct RouteList: Hashable, Sendable {
  public var routes: [RouteLine]
}

/// One route: method, path and operation.
@Wire public struct RouteLine: Hashable, Sendable {
  public var method: String
  public var path: String
  /// Such as `ordering.placeOrder`.
  public var operation: String
}
