/// The JSON Schema of a value, as a value.
public struct Schema: Sendable {
  public indirect enum Shape: Sendable {
    case text, integer, number, boolean, anything
    case oneOf([String])
    case list(Schema)
    case object([Property])
  }

  public struct Property: Sendable {
    public var name: String
    public var schema: Schema
    public var isRequired: Bool

    public init(_ name: String, _ schema: Schema, isRequired: Bool) {
      self.name = name
      self.schema = schema
      self.isRequired = isRequired
    }
  }

  public var shape: Shape
  /// The name under which it is shared between operations.
  public var name: String?
  public var summary: String?
  public var format: String?
  public var pattern: String?
  public var minimum: Int?
  public var maximum: Int?
  public var minimumNumber: Double?
  public var maximumNumber: Double?
  public var minLength: Int?
  public var maxLength: Int?
  public var minItems: Int?
  public var maxItems: Int?

  public init(_ shape: Shape, name: String? = nil, format: String? = nil, pattern: String? = nil, summary: String? = nil) {
    self.shape = shape
    self.name = name
    self.format = format
    self.pattern = pattern
    self.summary = summary
  }

  /// The same schema under a field's rules and remark.
  public func with(_ rules: [Rule] = [], summary: String? = nil) -> Schema {
    var copy = self
    for rule in rules { rule.describe(&copy) }
    if let summary { copy.summary = summary }
    return copy
  }

  /// The shared name of a type: `Page<MenuItem>` is `PageOfMenuItem`.
  public static func name<Value>(of type: Value.Type) -> String {
    "\(type)".replacing("<", with: "Of").replacing(", ", with: "And").replacing(">", with: "")
  }

  /// Every named schema within, by name.
  public func collect(into components: inout [String: Schema]) {
    if let name {
      guard components[name] == nil else { return }
      components[name] = self
    }
    switch shape {
    case .list(let element): element.collect(into: &components)
    case .object(let properties): for property in properties { property.schema.collect(into: &components) }
    default: break
    }
  }

  /// Writes the schema, with named schemas within as `$ref`.
  public func write(to writer: inout JSONWriter, asReference: Bool = true) {
    if asReference, let name {
      writer.raw(##"{"$ref":"##)
      writer.string("#/components/schemas/\(name)")
      writer.raw("}")
      return
    }
    switch shape {
    case .text: writer.raw(#"{"type":"string""#)
    case .integer: writer.raw(#"{"type":"integer""#)
    case .number: writer.raw(#"{"type":"number""#)
    case .boolean: writer.raw(#"{"type":"boolean""#)
    case .anything: writer.raw(#"{"description":"""#)
    case .oneOf(let cases):
      writer.raw(#"{"type":"string","enum":"#)
      cases.write(to: &writer)
    case .list(let element):
      writer.raw(#"{"type":"array","items":"#)
      element.write(to: &writer)
    case .object(let properties):
      writer.raw(#"{"type":"object","properties":{"#)
      for (index, property) in properties.enumerated() {
        if index > 0 { writer.raw(",") }
        writer.string(property.name)
        writer.raw(":")
        property.schema.write(to: &writer)
      }
      writer.raw("}")
      let required = properties.filter(\.isRequired).map(\.name)
      if !required.isEmpty { writer.raw(#","required":"#); required.write(to: &writer) }
    }
    keyword(#","format":"#, format, &writer)
    keyword(#","pattern":"#, pattern, &writer)
    keyword(#","description":"#, summary, &writer)
    keyword(#","minimum":"#, minimum, &writer)
    keyword(#","maximum":"#, maximum, &writer)
    keyword(#","minimum":"#, minimumNumber, &writer)
    keyword(#","maximum":"#, maximumNumber, &writer)
    keyword(#","minLength":"#, minLength, &writer)
    keyword(#","maxLength":"#, maxLength, &writer)
    keyword(#","minItems":"#, minItems, &writer)
    keyword(#","maxItems":"#, maxItems, &writer)
    writer.raw("}")
  }

  private func keyword(_ key: StaticString, _ value: (some WireValue)?, _ writer: inout JSONWriter) {
    guard let value else { return }
    writer.raw(key)
    value.write(to: &writer)
  }
}
