import Foundation
import Testing

@testable import MessagingSQS

/// Signature Version 4 as Amazon publishes it: the examples of its test suite and of its guide.
@Suite struct RequestSignerTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "GET"
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    var host = "example.amazonaws.com"
    var service = "service"
    var body = ""
    var signature: String
    var testDescription: String { name }
  }

  static let examples = [
    Example(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Example(name: "post-vanilla", method: "POST", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    Example(
      name: "get-vanilla-query-order-key-case", query: [("Param2", "value2"), ("Param1", "value1")],
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    Example(
      name: "get-header-value-trim", headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
      signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    Example(
      name: "post-x-www-form-urlencoded", method: "POST", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    Example(
      name: "the guide's ListUsers", query: [("Action", "ListUsers"), ("Version", "2010-05-08")],
      headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], host: "iam.amazonaws.com", service: "iam",
      signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
    // What botocore, Amazon's own client, signs for a request like ours.
    Example(
      name: "SendMessage as botocore signs it", method: "POST",
      headers: [("X-Amz-Target", "AmazonSQS.SendMessage"), ("Content-Type", "application/x-amz-json-1.0")], host: "sqs.us-east-1.amazonaws.com",
      service: "sqs", body: #"{"QueueUrl":"x"}"#, signature: "a218b58824866fb66d3c94e8f530a35e44fc1178a10a9c4cf6b7fdba686f3d07")
  ]

  @Test(arguments: examples) func signsAsAmazonDoes(_ example: Example) {
    let signer = RequestSigner(
      credentials: .init(key: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), region: "us-east-1", service: example.service)
    let date = "20150830T123600Z"
    let authorization = signer.authorization(
      method: example.method, path: "/", query: example.query, headers: example.headers + [("Host", example.host), ("X-Amz-Date", date)],
      body: Array(example.body.utf8), date: date)
    #expect(authorization.hasSuffix("Signature=\(example.signature)"))
    #expect(authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/\(example.service)/aws4_request, SignedHeaders="))
  }

  @Test func writesTheDateAsAmazonReadsIt() {
    #expect(SQSClient.date(Date(timeIntervalSince1970: 1_440_938_160)) == "20150830T123600Z")
  }

  @Test func anAddressNeedsARegionAndKeys() throws {
    let keys = ["AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"]
    let plain = try #require(SQSAddress("sqs://sqs.eu-west-1.amazonaws.com", environment: keys))
    #expect(plain.region == "eu-west-1" && plain.url == "https://sqs.eu-west-1.amazonaws.com/")
    let own = try #require(SQSAddress("sqs://key:secret@127.0.0.1:5000?region=r&tls=false", environment: [:]))
    #expect(own.url == "http://127.0.0.1:5000/" && own.credentials == .init(key: "key", secret: "secret"))
    for wrong in ["sqs://127.0.0.1:5000", "sqs://", "http://host?region=r", "sqs://host?region=r&what=1"] {
      #expect(SQSAddress(wrong, environment: keys) == nil, "\(wrong)")
    }
    #expect(SQSAddress("sqs://sqs.eu-west-1.amazonaws.com", environment: [:]) == nil)
  }
}
