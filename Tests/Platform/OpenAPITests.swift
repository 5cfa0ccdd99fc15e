import Foundation
import ServiceKit
import Testing
import Wire

@Suite struct OpenAPITests {
  private func document() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(openAPI(title: "Test", version: "1", testRoutes))) as? [String: Any])
  }

  private func dig(_ value: Any?, _ path: String...) throws -> Any {
    try path.reduce(try #require(value)) { value, key in try #require((value as? [String: Any])?[key], "\(key)") }
  }

  @Test func everyOperationHasANameOfItsOwn() throws {
    let paths = try #require(try dig(document(), "paths") as? [String: [String: [String: Any]]])
    let names = paths.values.flatMap(\.values).compactMap { $0["operationId"] as? String }
    #expect(names.sorted() == ["changeThing", "changeThing_2", "changeThing_3", "misbehave", "readThing", "whoAmI", "whoAmI_2"])
  }

  @Test func fieldsStandWhereTheyAreRead() throws {
    let post = try dig(document(), "paths", "/things/{thingId}", "post")
    let parameters = try #require(try dig(post, "parameters") as? [[String: Any]])
    #expect(
      parameters.map { "\($0["in"]!) \($0["name"]!) \($0["required"]!)" } == ["path thingId 1", "header If-Match 0", "header Idempotency-Key 0"]
        || parameters.map { "\($0["in"]!) \($0["name"]!) \($0["required"]!)" } == [
          "path thingId true", "header If-Match false", "header Idempotency-Key false"
        ])
    let body = try dig(post, "requestBody", "content", "application/json", "schema")
    #expect(try dig(body, "required") as? [String] == ["name"])
    #expect(try dig(body, "properties", "note", "type") as? [String] == ["string", "null"])
    #expect(try dig(body, "properties", "count", "default") as? Int == 3)
    #expect(try dig(body, "properties", "count", "maximum") as? Int == 99)
    #expect((try dig(body, "properties", "colour", "anyOf") as? [[String: Any]])?.count == 2)
    let query = try #require(try dig(document(), "paths", "/things/{thingId}", "get", "parameters") as? [[String: Any]])
    #expect(query.map { $0["name"] as? String } == ["thingId", "colours", "limit"])
  }

  @Test func everyProblemThatCanComeIsTold() throws {
    let changed = try #require(try dig(document(), "paths", "/things/{thingId}", "post", "responses") as? [String: Any])
    #expect(changed.keys.sorted() == ["201", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "431", "500", "503"])
    let read = try #require(try dig(document(), "paths", "/things/{thingId}", "get", "responses") as? [String: Any])
    #expect(read.keys.sorted() == ["200", "304", "400", "401", "403", "429", "431", "500", "503"])
    #expect(try dig(read["200"], "content", "application/json", "schema", "$ref") as? String == "#/components/schemas/Thing")
    #expect(try dig(document(), "components", "schemas", "Thing", "required") as? [String] == ["id", "name", "count", "version"])
  }
}
