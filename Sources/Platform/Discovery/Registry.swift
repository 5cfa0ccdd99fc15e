/// Where the processes of an installation leave word of themselves and find the others.
public protocol Registry: Sendable {
  /// Makes ready what it needs, such as a table; repeatable.
  func prepare() async throws

  /// Enters the instance, or says that it is still there.
  func announce(_ instance: Instance) async throws

  /// Takes the instance out, for it is going to stop.
  func withdraw(_ id: String) async throws

  /// Those that said lately that they are there, in the order of their ids.
  func instances() async throws -> [Instance]
}

extension Registry {
  public func prepare() async throws {}
}

/// How long word of an instance holds that is not renewed; it renews it three times as often.
public let instanceLifetime = Duration.seconds(6)
