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
  /// Whether `null` may stand in its place; of one place, not of the shared schema.
  public var isNullable = false
  /// What stands in when it is left out; of one place.
  public var fallback: RawJSON?
  /// What it means at one place, where that is more than its own summary.
  public var remark: String?
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
  public func with(_ rules: [Rule] = [], summary: String? = nil, fallback: RawJSON? = nil) -> Schema {
    var copy = self
    for rule in rules { rule.describe(&copy) }
    if let summary { copy.remark = summary }
    if let fallback { copy.fallback = fallback }
    return copy
  }

  /// The schema as it is shared, without what one place adds.
  var shared: Schema {
    var copy = self
    copy.isNullable = false
    copy.fallback = nil
    copy.remark = nil
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
      components[name] = shared
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
      writer.raw(isNullable ? ##"{"anyOf":[{"$ref":"## : ##"{"$ref":"##)
      writer.string("#/components/schemas/\(name)")
      if isNullable { writer.raw(#"},{"type":"null"}]"#) }
      keyword(#","description":"#, remark, &writer)
      keyword(#","default":"#, fallback, &writer)
      writer.raw("}")
      return
    }
    switch shape {
    case .text: type("string", &writer)
    case .integer: type("integer", &writer)
    case .number: type("number", &writer)
    case .boolean: type("boolean", &writer)
    case .anything: writer.raw(#"{"title":"Any value""#)
    case .oneOf(let cases):
      type("string", &writer)
      writer.raw(#","enum":["#)
      for (index, name) in cases.enumerated() {
        if index > 0 { writer.raw(",") }
        writer.string(name)
      }
      writer.raw(isNullable ? ",null]" : "]")
    case .list(let element):
      type("array", &writer)
      writer.raw(#","items":"#)
      element.write(to: &writer)
    case .object(let properties):
      type("object", &writer)
      writer.raw(#","properties":{"#)
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
    keyword(#","description":"#, remark ?? summary, &writer)
    keyword(#","default":"#, fallback, &writer)
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

  private func type(_ name: String, _ writer: inout JSONWriter) {
    writer.raw(#"{"type":"#)
    if isNullable { [name, "null"].write(to: &writer) } else { writer.string(name) }
  }

  private func keyword(_ key: StaticString, _ value: (some WireValue)?, _ writer: inout JSONWriter) {
    guard let value else { return }
    writer.raw(key)
    value.write(to: &writer)
  }
}
