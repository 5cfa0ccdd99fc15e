import Settings
import Testing

@Suite struct SettingsTests {
  @Test func aFileIsReadLineByLine() throws {
    let text = "# where\n\nserver.port = 8080 # a remark\n  ordering.note=a = b#kept\r\nx.empty =\n"
    #expect(try SettingsFile.parse(text, name: "file") == ["server.port": "8080", "ordering.note": "a = b#kept", "x.empty": ""])
  }

  @Test(arguments: [("a.b = 1\n\nnonsense", 3), ("= 2", 1), ("a.b = 1\r\na.b = 2", 2)]) func aWrongLineIsTold(_ text: String, _ line: Int) {
    #expect { try SettingsFile.parse(text, name: "tiffin.conf") } throws: { "\($0)".hasPrefix("tiffin.conf, line \(line) ") }
  }

  @Test func theCommandLineWinsOverTheEnvironmentThatOverTheFile() throws {
    let file = ["a.one": "file", "a.two": "file", "a.three": "file", "a.stray": "1"]
    let settings = SettingsSource(
      file: file, environment: ["TIFFIN_A_ONE": "environment", "TIFFIN_A_TWO": "environment"], commandLine: ["a.one": "line"])
    #expect(settings.text("a.one", default: "", "") == "line")
    #expect(settings.text("a.two", default: "", "") == "environment")
    #expect(settings.text("a.three", default: "", "") == "file")
    #expect(settings.text("a.four", default: "fallback", "") == "fallback")
    #expect(settings.unknown == ["a.stray"])
    #expect(settings.all.map(\.origin) == [.fallback, .commandLine, .file, .environment])
  }

  @Test(arguments: ["", "x", "0", "11", "1.5"]) func aNumberOutOfItsRangeNamesTheSetting(_ text: String) {
    let settings = SettingsSource(file: ["a.count": text])
    #expect { try settings.integer("a.count", default: 5, within: 1...10, "") } throws: { "\($0)".contains("TIFFIN_A_COUNT") }
  }

  @Test func secretsAreNotListed() {
    let settings = SettingsSource(file: ["a.key": "hunter2"])
    #expect(settings.text("a.key", default: "", isSecret: true, "") == "hunter2")
    #expect(!settings.all.contains { $0.value.contains("hunter2") })
  }
}
