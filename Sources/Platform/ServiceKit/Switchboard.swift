public import Wire

/// Why a call brought no reply.
public enum CallFailure<Reason: Refusal>: Error {
  case refused(Reason)
  case denied(Denial)
  case invalid(InvalidInput)
  /// The other side cannot do it now: not reached, overloaded, its disk full. Trying later makes sense.
  case unavailable(Unavailable)
  /// The other side failed for a reason of its own; the text is for the log only.
  case failed(String)
}

/// Something that is needed cannot be had for a while; nothing was changed, or what was will be finished later.
public struct Unavailable: Error, Hashable, CustomStringConvertible {
  public var reason: String
  public var retryAfterSeconds: Int

  public init(_ reason: String, retryAfterSeconds: Int = 5) {
    self.reason = reason
    self.retryAfterSeconds = retryAfterSeconds
  }

  public var description: String { reason }
}

/// A failure of a call that a handler lets through to its own caller.
public protocol PassedOn: Error {
  /// The unavailability that it is, if it is one.
  var unavailable: Unavailable? { get }
}

extension CallFailure: PassedOn {
  public var unavailable: Unavailable? { if case .unavailable(let reason) = self { reason } else { nil } }
}

/// Delivers an operation to the service that answers it, wherever that service runs.
public struct Switchboard: Sendable {
  /// How an operation hosted in this process is reached.
  public enum LocalDelivery: Sendable, CaseIterable {
    /// Hands over the value itself.
    case direct
    /// Encodes, decodes, and delivers repeatable operations twice: the test mode that keeps contracts honest.
    case loopback
  }

  /// Carries encoded operations to another process.
  public typealias RemoteLeg = @Sendable (RemoteCall) async throws -> RemoteAnswer

  private let exchange: Exchange
  private let delivery: LocalDelivery
  private let remote: RemoteLeg

  public init(
    _ handlers: [any HostedOperation] = [], delivery: LocalDelivery = .direct,
    remote: @escaping RemoteLeg = { .unavailable(Unavailable("\($0.address) is not hosted here, and no other process is known")) }
  ) {
    exchange = Exchange()
    exchange.host(handlers)
    self.delivery = delivery
    self.remote = remote
  }

  /// Hosts more operations; only before the first call. Modules call each other, so the board exists before they do.
  public func host(_ handlers: [any HostedOperation]) { exchange.host(handlers) }

  /// Every operation hosted in this process.
  public var hosted: [any HostedOperation] { exchange.all }

  /// Asks, as `Caller.current`.
  ///
  /// - Parameter service: which one is asked where every service answers the operation under its own name.
  public func call<O: Operation>(_ operation: O, of service: String? = nil) async throws(CallFailure<O.Refusal>) -> O.Reply {
    let address = service.map { OperationAddress($0, O.address.name) } ?? O.address
    guard let entry = service == nil ? exchange.entry(ObjectIdentifier(O.self)) : exchange.entry(address) else {
      return try await callRemotely(operation, at: address, over: remote)
    }
    switch delivery {
    case .direct:
      return try await (entry as! Hosted<O>).run(operation)
    case .loopback:
      return try await callRemotely(operation, at: address) { [self] call in
        if call.repeatability != .once { _ = await serve(call.address, call.body, as: call.caller) }
        return await serve(call.address, call.body, as: call.caller)
      }
    }
  }

  /// What replies to an operation that anyone may ask for, where the reply is at hand without waiting; `nil`: ask with `call`.
  public func ready<O: Operation>(_: O.Type) -> (@Sendable (O) -> O.Reply?)? {
    guard delivery == .direct, O.access == .anyone, let entry = exchange.entry(ObjectIdentifier(O.self)) else { return nil }
    return (entry as! Hosted<O>).ready
  }

  /// Asks on behalf of the platform itself: from reactions, sagas and jobs.
  public func callAsSystem<O: Operation>(_ operation: O, of service: String? = nil) async throws(CallFailure<O.Refusal>) -> O.Reply {
    let result: Result<O.Reply, CallFailure<O.Refusal>> = await Caller.$current.withValue(.system) {
      do throws(CallFailure<O.Refusal>) { return .success(try await call(operation, of: service)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Whether the operation is answered in this process.
  public func hosts(_ address: OperationAddress) -> Bool { exchange.entry(address) != nil }

  /// Answers an operation that another process sent.
  public func serve(_ address: OperationAddress, _ bytes: [UInt8], as caller: Caller) async -> RemoteAnswer {
    guard let entry = exchange.entry(address) else { return .unavailable(Unavailable("\(address) is not hosted here")) }
    return await Caller.$current.withValue(caller) { await entry.serve(bytes) }
  }

  private func callRemotely<O: Operation>(
    _ operation: O, at address: OperationAddress, over leg: RemoteLeg
  ) async throws(CallFailure<O.Refusal>) -> O.Reply {
    let answer: RemoteAnswer
    let call = RemoteCall(address, body: encode(operation), caller: Caller.current, repeatability: O.repeatability)
    do { answer = try await leg(call) } catch let unavailable as Unavailable { throw .unavailable(unavailable) } catch {
      throw .unavailable(Unavailable("\(address): \(error)"))
    }
    switch answer {
    case .reply(let bytes):
      do { return try decode(O.Reply.self, from: bytes) } catch { throw .failed("reply not understood: \(error)") }
    case .refused(let bytes):
      let refusal: O.Refusal
      do { refusal = try decode(O.Refusal.self, from: bytes) } catch { throw .failed("refusal not understood: \(error)") }
      throw .refused(refusal)
    case .denied(let denial): throw .denied(denial)
    case .invalid(let faults): throw .invalid(faults)
    case .unavailable(let reason): throw .unavailable(reason)
    case .failed(let reason): throw .failed(reason)
    }
  }
}

/// An operation hosted in this process, without its type.
public protocol HostedOperation: Sendable {
  var address: OperationAddress { get }
  var type: any Operation.Type { get }
  func serve(_ bytes: [UInt8]) async -> RemoteAnswer
}

/// An operation with the handler that answers it: `Answer(AddItem.self) { request in ... }`.
public struct Hosted<O: Operation>: HostedOperation {
  private let handler: @Sendable (O) async throws -> O.Reply
  let ready: (@Sendable (O) -> O.Reply?)?
  public let address: OperationAddress

  /// - Parameters:
  ///   - service: whose answer it is where every service answers the operation under its own name.
  ///   - ready: the handler's reply where memory holds it; asked by who would rather not wait.
  public init(
    _ type: O.Type, of service: String? = nil, ready: (@Sendable (O) -> O.Reply?)? = nil, _ handler: @escaping @Sendable (O) async throws -> O.Reply
  ) {
    self.handler = handler
    self.ready = ready
    address = service.map { OperationAddress($0, O.address.name) } ?? O.address
  }

  public var type: any Operation.Type { O.self }

  func run(_ operation: O) async throws(CallFailure<O.Refusal>) -> O.Reply {
    if let denial = O.denial(of: Caller.current, naming: operation.namedTenant) { throw .denied(denial) }
    do {
      return try await handler(operation)
    } catch let refusal as O.Refusal {
      throw .refused(refusal)
    } catch let faults as InvalidInput {
      throw .invalid(faults)
    } catch let denial as Denial {
      throw .denied(denial)
    } catch let unavailable as Unavailable {
      throw .unavailable(unavailable)
    } catch let failure as any PassedOn {
      if let unavailable = failure.unavailable { throw .unavailable(unavailable) }
      throw .failed("\(O.address): \(failure)")
    } catch is CancellationError {
      throw .unavailable(Unavailable("stopping", retryAfterSeconds: 1))
    } catch {
      throw .failed("\(O.address): \(error)")
    }
  }

  public func serve(_ bytes: [UInt8]) async -> RemoteAnswer {
    let operation: O
    do { operation = try decode(O.self, from: bytes) } catch { return .invalid(error) }
    do throws(CallFailure<O.Refusal>) {
      return .reply(encode(try await run(operation)))
    } catch {
      switch error {
      case .refused(let refusal): return .refused(encode(refusal))
      case .denied(let denial): return .denied(denial)
      case .invalid(let faults): return .invalid(faults)
      case .unavailable(let reason): return .unavailable(reason)
      case .failed(let reason): return .failed(reason)
      }
    }
  }
}

extension Denial: Error {}
