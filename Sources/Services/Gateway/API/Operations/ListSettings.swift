public import ServiceKit
public import Wire

/// Every setting in force of the process that answers, by name.
@Wire public struct ListSettings: Operation {
  public static let address = OperationAddress("gateway", "listSettings")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = SettingsInForce
}

/// The settings of a process.
@Wire public struct SettingsInForce: Hashable, Sendable {
  public var settings: [SettingInForce]
}

/// One setting as it was read at the start.
@Wire public struct SettingInForce: Hashable, Sendable {
  public var name: String
  /// Stars where it is secret and set.
  public var value: String
  /// What holds where nothing is set.
  public var fallback: String
  public var summary: String
  /// Where the value comes from: `default`, `file`, `environment` or `command line`.
  public var origin: String
  public var isSet: Bool
  public var isSecret: Bool
}
