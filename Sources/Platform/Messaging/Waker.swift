import Glibc
import ServiceKit

/// Interrupts a thread that waits, for a socket or for nothing else.
public final class Waker: Sendable {
  private let ends: (read: Int32, write: Int32)

  /// What another thread may write a byte to instead of calling `wake`.
  public var descriptor: Int32 { ends.write }

  /// A waker of its own pipe.
  public init() {
    var ends: [Int32] = [-1, -1]
    let isMade = pipe(&ends) == 0
    precondition(isMade, "no pipe: too many open files")
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    self.ends = (ends[0], ends[1])
  }

  deinit {
    close(ends.read)
    close(ends.write)
  }

  /// Ends the wait that goes on, or the next.
  public func wake() {
    var byte: UInt8 = 1
    // A full pipe wakes as well as one byte more.
    _ = write(ends.write, &byte, 1)
  }

  /// Waits until the socket can be read, somebody wakes this, or the time is over.
  public func wait(for socket: Int32? = nil, atMost limit: Duration) {
    var places = [pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)]
    if let socket { places.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
    guard poll(&places, nfds_t(places.count), Int32(limit.milliseconds.rounded(.up))) > 0, places[0].revents != 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 4096)
    while read(ends.read, &bytes, bytes.count) == bytes.count {}
  }
}
