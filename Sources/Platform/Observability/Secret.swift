/// A text that must not be seen: it prints as dots, and neither logs nor JSON take it.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  public init(_ text: String) { self.text = text }

  /// The text itself, for the one place that needs it.
  public func revealed() -> String { text }
  public var isEmpty: Bool { text.isEmpty }
  public var description: String { "••••" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
