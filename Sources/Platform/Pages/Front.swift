public import ServiceKit
public import WebServer

/// A web app: pages under one path, for one kind of people.
public protocol Front: Sendable {
  /// The folder of its files, with which the keys of its messages begin.
  static var name: String { get }
  /// Where its first page is, such as `/courier`.
  static var home: String { get }
  /// Every URL of the app.
  var pages: [PageRoute] { get }
}

/// One URL of a web app.
public struct PageRoute: Sendable {
  let method: Method
  let path: String
  let access: Access
  let limit: RouteLimit
  let handler: @Sendable (PageRequest) async throws -> WebResponse

  /// - Parameters:
  ///   - access: who may come here; others are led to signing in, or told that this is not for them.
  ///   - handler: makes the page; problems and failures of calls that it throws are shown as pages.
  public init(
    _ method: Method, _ path: String, access: Access = .anyone, limit: RouteLimit = .general,
    _ handler: @escaping @Sendable (PageRequest) async throws -> WebResponse
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.limit = limit
    self.handler = handler
  }
}
