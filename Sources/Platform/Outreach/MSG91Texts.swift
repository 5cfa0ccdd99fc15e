import WebClient
import Wire

/// Sends text messages through MSG91's flow API: a template that the operator registered there, with the code put into it.
public struct MSG91Texts: TextSending {
  private let url: String
  private let key: String
  private let template: String

  /// - Parameter url: of the provider, without the path: `https://control.msg91.com`.
  public init(url: String, key: String, template: String) {
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.key = key
    self.template = template
  }

  public func send(_ message: TextMessage) async throws {
    let number = String(message.number.drop { $0 == "+" })
    let flow = MSG91Flow(templateId: template, shortUrl: "0", recipients: [MSG91Recipient(mobiles: number, otp: message.code)])
    let answer: OutsideAnswer
    do {
      answer = try await OutsideCall(
        "POST", "\(url)/api/v5/flow", headers: [("authkey", key), ("content-type", "application/json"), ("accept", "application/json")],
        body: encode(flow)
      ).send()
    } catch let error as NoAnswer { throw Undelivered("MSG91 did not answer: \(error.reason)") }
    // Refusals come with status 200 too; only the body tells.
    let verdict = try? decode(MSG91Verdict.self, from: answer.body)
    guard 200..<300 ~= answer.status, verdict?.type == "success" else {
      throw Undelivered("MSG91 answered \(answer.status): \(verdict?.message ?? "not understood")", isFinal: answer.status == 400)
    }
  }
}

/// The request.
@Wire struct MSG91Flow: Hashable, Sendable {
  @Field(name: "template_id") var templateId: String
  @Field(name: "short_url") var shortUrl: String
  var recipients: [MSG91Recipient]
}

/// One phone, with what is put into the template.
@Wire struct MSG91Recipient: Hashable, Sendable {
  /// The number without a plus sign.
  var mobiles: String
  var otp: String
}

/// What became of it.
@Wire struct MSG91Verdict: Hashable, Sendable {
  var type: String
  var message: String?
}
