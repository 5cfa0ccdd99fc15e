import Foundation
import ServiceKit

/// How a process uses a PostgreSQL server.
public struct PostgresSettings: Sendable {
  /// `postgres://user@host:port/name?sslmode=verify-full`, with all that libpq takes.
  public var url: String
  /// A server that follows the first one, for reads that may be stale; none without it.
  public var readURL: String?
  /// The schema that holds the tables; made when there is none.
  public var schema: String
  /// How many groups of writes run at the same time.
  public var writers: Int
  /// How many reads run at the same time, on each server.
  public var readers: Int
  /// How long a read or write waits for a connection before it is refused.
  public var wait: Duration
  /// How long the server works on one statement before it gives up.
  public var statement: Duration

  public init(
    url: String, readURL: String? = nil, schema: String = "public", writers: Int = 2, readers: Int = 4, wait: Duration = .seconds(5),
    statement: Duration = .seconds(30)
  ) {
    self.url = url
    self.readURL = readURL
    self.schema = schema
    self.writers = writers
    self.readers = readers
    self.wait = wait
    self.statement = statement
  }

  /// Why a read or write is refused that has waited too long.
  var outOfPatience: Unavailable { Unavailable("no connection to the database came free within \(wait)", retryAfterSeconds: 2) }

  /// The URL without its password, for messages.
  public static func withoutPassword(_ url: String) -> String {
    guard let scheme = url.range(of: "://"), let at = url[scheme.upperBound...].firstIndex(of: "@"),
      let colon = url[scheme.upperBound..<at].firstIndex(of: ":")
    else { return url }
    return url[..<colon] + ":********" + url[at...]
  }
}
