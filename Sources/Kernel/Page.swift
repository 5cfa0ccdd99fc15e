public import Wire

/// One page of a list, and where the next one starts.
public struct Page<Item: WireValue>: Sendable {
  public var items: [Item]
  /// Sent back as `cursor` to get the next page; absent on the last.
  public var nextCursor: String?

  public init(items: [Item], nextCursor: String? = nil) {
    self.items = items
    self.nextCursor = nextCursor
  }

  /// The first of what was found, for who asked for one more than the page holds so as to know whether there is another.
  ///
  /// - Parameters:
  ///   - limit: how many the page holds.
  ///   - cursor: by what the next page goes on behind an item.
  public init(_ found: [Item], upTo limit: Int, cursor: (Item) -> String) {
    items = Array(found.prefix(limit))
    nextCursor = found.count > limit ? items.last.map(cursor) : nil
  }
}

extension Page: Equatable where Item: Equatable {}

extension Page: WireValue {
  public static func read(_ reader: inout JSONReader) -> Page? {
    guard reader.beginObject() else { return nil }
    var items: [Item]?
    var cursor: String??
    var first = true
    while let key = reader.nextKey(first: &first) {
      if key == "items" {
        items = reader.field("items")
      } else if key == "nextCursor" {
        cursor = reader.field("nextCursor")
      } else {
        reader.skip()
      }
    }
    guard let items else {
      reader.missing("items")
      return nil
    }
    return Page(items: items, nextCursor: cursor ?? nil)
  }

  public func write(to writer: inout JSONWriter) {
    writer.raw(#"{"items":"#)
    items.write(to: &writer)
    if let nextCursor {
      writer.raw(#","nextCursor":"#)
      writer.string(nextCursor)
    }
    writer.raw("}")
  }

  public static var schema: Schema {
    Schema(
      .object([
        Schema.Property("items", [Item].schema, isRequired: true), Schema.Property("nextCursor", String.schema, isRequired: false)
      ]), name: Schema.name(of: Self.self))
  }
}
