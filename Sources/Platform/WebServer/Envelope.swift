import Kernel
import ServiceKit
import Wire

/// The wrapping that a client gets on request: `{success, data, message, timestamp}`, or `{success, error, message, …}`.
enum EnvelopeForm {
  static let mediaType = "application/vnd.tiffin.envelope+json"

  static func wrap(_ response: inout WebResponse, at time: Instant) {
    guard response.contentType == "application/json", response.status != 304 else { return }
    var writer = JSONWriter(capacity: response.body.count + 128)
    writer.raw(#"{"success":true,"data":"#)
    writer.raw(json: response.body)
    writer.raw(#","message":"#)
    writer.string(Problem.title(of: response.status))
    writer.raw(#","timestamp":"#)
    time.write(to: &writer)
    writer.raw("}")
    response.body = writer.withBytes { Array($0) }
    response.contentType = mediaType
  }

  static func write(_ problem: Problem, to writer: inout JSONWriter, at time: Instant) {
    writer.raw(#"{"success":false,"error":"#)
    writer.string(problem.code.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined())
    writer.raw(#","message":"#)
    writer.string(problem.detail)
    writer.raw(#","timestamp":"#)
    time.write(to: &writer)
    writer.raw(#","status_code":"#)
    writer.integer(problem.status)
    writer.raw("}")
  }
}
