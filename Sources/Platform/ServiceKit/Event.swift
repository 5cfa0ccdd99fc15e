public import Kernel
public import Wire

public enum EventEntity {}
public typealias EventID = Identifier<EventEntity>

/// The streams that events travel in; on a broker, the topics.
public enum Topic: String, WireEnum, Hashable {
  case orders, payments, delivery, catalog, inventory, notifications, identity
}

/// Something that happened in one service, told to whoever wants to know.
public protocol Event: WireObject, Hashable where Draft.Whole == Self {
  /// The stable dotted name, such as `order.created`.
  static var name: String { get }
  static var topic: Topic { get }
  /// Counts up when the payload changes its meaning.
  static var version: Int { get }
  var tenant: TenantID? { get }
  /// What it happened to, such as `order:0191…`; events of one aggregate are delivered in order.
  var aggregate: String { get }
}

extension Event {
  public static var version: Int { 1 }
}

/// An event on its way.
@Wire public struct Envelope: Hashable, Sendable {
  public var id: EventID
  public var name: String
  public var version: Int
  public var topic: Topic
  public var time: Instant
  public var tenant: TenantID?
  public var aggregate: String
  /// Counts the events of the aggregate from 1, without gaps.
  public var sequence: Int
  public var correlationID: String?
  public var payload: RawJSON
}

extension Envelope {
  /// The event itself.
  public func event<E: Event>(as type: E.Type = E.self) throws(InvalidInput) -> E { try payload.decoded(as: type) }
}
