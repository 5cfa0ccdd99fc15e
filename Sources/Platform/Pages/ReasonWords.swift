extension Texts {
  /// A reason in the reader's language: the codes that it begins with as the messages `shared.reason.CODE`, what follows as it was written.
  ///
  /// `delivery_failed: customer_unreachable: rang twice` reads `The delivery failed: Nobody at the door: rang twice`.
  public func reason(_ reason: String) -> String {
    let parts = reason.split(separator: ": ", omittingEmptySubsequences: false)
    let codes = parts.prefix { has("shared.reason.\($0)") }
    return (codes.map { self["shared.reason.\($0)"] } + parts.dropFirst(codes.count).map(String.init)).joined(separator: ": ")
  }
}
