public import Wire

/// A reply that is a text of a format of its own, such as CSV; the edge sends the text alone.
@Wire public struct TextDocument: Hashable, Sendable {
  /// The media type with its character set.
  public var contentType: String
  /// What a browser calls the file that it keeps.
  public var fileName: String
  public var text: String
}
