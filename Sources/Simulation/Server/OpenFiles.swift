import Foundation

/// Takes as many open files as this machine allows, for thousands of sockets need as many.
///
/// - Returns: how many that is.
@discardableResult
public func takeAllOpenFiles() -> Int {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
  limit.rlim_cur = limit.rlim_max
  _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  return Int(clamping: limit.rlim_cur)
}
