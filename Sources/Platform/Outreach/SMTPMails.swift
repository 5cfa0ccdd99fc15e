import Foundation
import Kernel
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceKit

/// Hands letters to a mail server over SMTP (RFC 5321), with TLS where the server has it.
public struct SMTPMails: MailSending {
  private let address: SMTPAddress
  private let sender: String
  private let time: TimeSource

  /// - Parameter sender: the address that letters come from.
  public init(_ address: SMTPAddress, sender: String, time: TimeSource) {
    self.address = address
    self.sender = sender
    self.time = time
  }

  public func send(_ mail: Mail) async throws {
    do { try await deliver(mail) } catch let error as Undelivered { throw error } catch {
      if error is CancellationError { throw error }
      throw Undelivered("\(address.host):\(address.port): \(error)")
    }
  }

  private func deliver(_ mail: Mail) async throws {
    // A line break within an address would be a command of its own.
    for part in [mail.recipient, sender] where part.utf8.contains(where: { $0 < 0x21 || $0 == 0x3C || $0 == 0x3E || $0 == 0x7F }) {
      throw Undelivered("no mail address", isFinal: true)
    }
    let secured = address.isSecure ? try tls() : nil
    let wrapped = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(5))
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let secured { try channel.pipeline.syncOperations.addHandler(secured.make(), position: .first) }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let channel = wrapped.channel
    // A server that falls silent is left.
    let limit = channel.eventLoop.scheduleTask(in: .seconds(20)) { channel.close(promise: nil) }
    defer { limit.cancel() }
    try await wrapped.executeThenClose { inbound, outbound in
      var talk = SMTPTalk(inbound.makeAsyncIterator(), outbound)
      try await self.hold(&talk, mail, on: channel)
    }
  }

  private func hold(_ talk: inout SMTPTalk, _ mail: Mail, on channel: any Channel) async throws {
    try await talk.expect(220)
    var offers = try await talk.say("EHLO tiffin", 250)
    if !address.isSecure, offers.contains(where: { $0.uppercased().hasPrefix("STARTTLS") }) {
      try await talk.say("STARTTLS", 220)
      let secured = try tls()
      try await channel.eventLoop.submit { try channel.pipeline.syncOperations.addHandler(secured.make(), position: .first) }.get()
      offers = try await talk.say("EHLO tiffin", 250)
    }
    if let user = address.user, let password = address.password {
      let proof = Data("\0\(user)\0\(password)".utf8).base64EncodedString()
      try await talk.say("AUTH PLAIN \(proof)", 235, isSecret: true)
    }
    try await talk.say("MAIL FROM:<\(sender)>", 250)
    try await talk.say("RCPT TO:<\(mail.recipient)>", 250)
    try await talk.say("DATA", 354)
    try await talk.say(letter(mail), 250)
    try await talk.say("QUIT", 221)
  }

  private struct Secured: Sendable {
    let context: NIOSSLContext
    let host: String
    func make() throws -> NIOSSLClientHandler {
      // An address of numbers has no name that a certificate could be checked against by SNI.
      let isName = host.contains { $0.isLetter } && !host.contains(":")
      return try NIOSSLClientHandler(context: context, serverHostname: isName ? host : nil)
    }
  }

  private func tls() throws -> Secured { Secured(context: try NIOSSLContext(configuration: .makeClientConfiguration()), host: address.host) }

  /// The letter with its head, ended by a line with a single point.
  private func letter(_ mail: Mail) -> String {
    let host = sender.split(separator: "@").last ?? "tiffin"
    let body = Data(mail.text.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
    let head = [
      "From: Tiffin <\(sender)>", "To: <\(mail.recipient)>", "Subject: =?utf-8?B?\(Data(mail.subject.utf8).base64EncodedString())?=",
      "Date: \(time.now.internetText) +0000", "Message-ID: <\(mail.id)@\(host)>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated"
    ]
    return head.joined(separator: "\r\n") + "\r\n\r\n\(body)\r\n."
  }
}

/// The lines that go to and fro on one connection.
private struct SMTPTalk {
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var unread: [UInt8] = []

  init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
    self.inbound = inbound
    self.outbound = outbound
  }

  /// Says a line and reads the reply.
  ///
  /// - Throws: `Undelivered` when it is another than the expected one.
  @discardableResult
  mutating func say(_ line: String, _ code: Int, isSecret: Bool = false) async throws -> [String] {
    try await outbound.write(ByteBuffer(string: line + "\r\n"))
    return try await expect(code)
  }

  /// The texts of a reply, one for each of its lines.
  @discardableResult
  mutating func expect(_ code: Int) async throws -> [String] {
    var texts: [String] = []
    while true {
      let line = try await line()
      guard line.utf8.count >= 3, let number = Int(line.prefix(3)) else { throw Undelivered("the mail server speaks no SMTP") }
      guard number == code else { throw Undelivered("the mail server answered \(line.prefix(200))", isFinal: 500..<600 ~= number) }
      texts.append(String(line.dropFirst(4)))
      if line.dropFirst(3).first != "-" { return texts }
    }
  }

  private mutating func line() async throws -> String {
    while true {
      if let end = unread.firstIndex(of: 0x0A) {
        let line = unread[..<end].filter { $0 != 0x0D }
        unread.removeSubrange(...end)
        return String(decoding: line, as: UTF8.self)
      }
      guard unread.count < 65_536, let more = try await inbound.next() else { throw Undelivered("the mail server hung up") }
      unread += more.readableBytesView
    }
  }
}
