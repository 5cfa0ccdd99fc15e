public import ServiceKit
public import Wire

/// The health of each service by its name, as API gateways aggregate it.
@Wire public struct GetServiceHealth: Operation {
  public static let address = OperationAddress("gateway", "getServiceHealth")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = HealthByService
}

/// How each service of the process is.
@Wire public struct HealthByService: Hashable, Sendable {
  public var status: HealthStatus
  public var services: HealthMap
}

/// Service names and how they are: `{"ordering": "up"}`.
public struct HealthMap: Hashable, Sendable {
  public var entries: [ServiceHealth]

  public init(_ entries: [ServiceHealth]) { self.entries = entries }
}

extension HealthMap: WireValue {
  public static func read(_ reader: inout JSONReader) -> HealthMap? {
    guard reader.beginObject() else { return nil }
    var entries: [ServiceHealth] = []
    var first = true
    while let key = reader.nextKey(first: &first) {
      let name = key.text
      if let status = HealthStatus.read(&reader) { entries.append(ServiceHealth(name: name, status: status)) }
    }
    return HealthMap(entries)
  }

  public func write(to writer: inout JSONWriter) {
    writer.raw(0x7B)
    for (index, entry) in entries.enumerated() {
      if index > 0 { writer.raw(0x2C) }
      writer.string(entry.name)
      writer.raw(0x3A)
      entry.status.write(to: &writer)
    }
    writer.raw(0x7D)
  }

  public static var schema: Schema { Schema(.object([]), summary: "The status of each service, by its name.") }
}
