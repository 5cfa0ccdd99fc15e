import Kernel
import ServiceKit

/// How long what a person is given at sign-in lasts.
struct SessionTerms: Sendable {
  var accessToken: Duration
  var refreshToken: Duration
  var cookie: Duration
  /// Staff share devices, so that their sessions end with the shift however often they are refreshed.
  var staffSession: Duration

  /// When a session ends that is opened, or was refreshed, now.
  func end(of roles: [Role], openedAt: Instant, now: Instant) -> Instant {
    roles.contains(where: Role.staff.contains) ? min(openedAt + staffSession, now + refreshToken) : now + refreshToken
  }
}
