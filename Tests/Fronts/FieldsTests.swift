import Kernel
import ServiceKit
import Testing

@testable import Pages

@Suite struct FieldsTests {
  private let fields = Fields([
    ("name", "first"), ("name", "  Jo\u{A0} "), ("empty", "  "), ("count", "12"), ("price", " 6,50 "), ("far", "2.5"), ("word", "x"),
    ("day", "monday"), ("day", ""), ("day", "friday"), ("id", "0191aaaa-0000-7000-8000-000000000001")
  ])

  @Test func theLastValueCountsWithoutBlanks() {
    #expect(fields["name"] == "Jo")
    #expect(fields["empty"] == nil && fields["none"] == nil)
    #expect(fields.has("empty") && !fields.has("none"))
    #expect(fields.every("day") == ["monday", "friday"])
  }

  @Test func numbersAreReadWithPointOrComma() {
    #expect(fields.integer("count") == 12 && fields.integer("word") == nil && fields.integer("none") == nil)
    #expect(fields.amount("price") == Amount(units: 650, scale: 2))
    #expect(fields.amount("word") == nil && fields.amount("none") == nil)
    #expect(fields.number("far") == 2.5 && fields.number("price") == 6.5)
    #expect(fields.id("id", UserID.self)?.description == "0191aaaa-0000-7000-8000-000000000001")
    #expect(fields.id("word", UserID.self) == nil)
  }
}
