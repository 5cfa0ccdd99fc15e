/// Carries frames between the nodes of an installation.
public protocol Fanout: AnyObject, Sendable {
  /// Called once, before anything is sent.
  func start(_ channels: Channels)

  /// Takes a frame for all nodes, this one included; it comes back through `Channels.deliver`, without a mark when it could not be
  /// shared. Never blocks; frames of one channel stay in the order of the calls.
  func send(_ frame: FanoutFrame)

  /// A name for a frame that no other frame of any node has.
  func nextID() -> String

  /// Begins to count as one that hears from this moment on; what was told before may not have been told to all.
  func rejoin()
}

/// One frame on its way between nodes.
public struct FanoutFrame: Sendable {
  /// Empty where it only tells that a frame is missing.
  public var type: String
  public var channel: String
  /// JSON.
  public var data: [UInt8]
  /// Whether a client that comes back gets it.
  public var isKept: Bool
  /// The same for the same frame, however many nodes publish it or hear it twice.
  public var id: String
  /// What it is about, where several nodes publish it, of which one does.
  public var turn: Turn?

  /// - Parameter turn: nothing where only one node publishes the frame.
  public init(type: String, channel: String, data: [UInt8], isKept: Bool, id: String, turn: Turn? = nil) {
    self.type = type
    self.channel = channel
    self.data = data
    self.isKept = isKept
    self.id = id
    self.turn = turn
  }

  /// Which of the news about one thing a frame tells. What has been told on a channel is not told again, and what comes before it is not told
  /// any more: a node that lags would else tell the past after the present. Who follows is told to fetch again where nobody told it.
  public struct Turn: Sendable, Hashable {
    public var aggregate: String
    /// Ascends with the news.
    public var number: Int

    public init(of aggregate: String, _ number: Int) {
      self.aggregate = aggregate
      self.number = number
    }
  }
}

/// Where a kept frame stands among those of its channel, the same on all nodes.
public struct FanoutMark: Sendable, Hashable {
  /// Names one unbroken count; a channel that was quiet for long, or whose count was lost, begins another.
  public var generation: Int
  /// From 1 without gaps.
  public var number: Int
  /// When it was published, in milliseconds of the clock that all nodes share.
  public var time: Int

  public init(generation: Int, number: Int, time: Int) {
    self.generation = generation
    self.number = number
    self.time = time
  }
}
