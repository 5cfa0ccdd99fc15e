import Testing
import WebClient

@Suite struct WebAddressTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080", WebAddress(host: "127.0.0.1", port: 8080)), ("http://localhost", WebAddress(host: "localhost", port: 80)),
    ("https://tiffin.example/", WebAddress(host: "tiffin.example", port: 443, isSecure: true)), ("HTTP://h:1", WebAddress(host: "h", port: 1))
  ]) func isRead(text: String, address: WebAddress) { #expect(WebAddress(text) == address) }

  @Test(arguments: ["", "127.0.0.1:8080", "ftp://h", "http://", "http://h:0", "http://h:x", "http://h/path", "http://u@h", "http://:80"])
  func isRefused(text: String) { #expect(WebAddress(text) == nil) }
}
