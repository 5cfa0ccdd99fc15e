import Foundation
import GatewayAPI
import Kernel
import Pages
import WebServer

/// `/admin/settings`: what the process is set to, and where that was said; secrets are never shown.
enum SettingsPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let filter = request.query["filter"] ?? ""
    let all = try await request.call(ListSettings()).settings
    let words = filter.lowercased().split(separator: " ")
    let found = all.map { setting in
      let text = "\(setting.name) \(setting.summary) \(setting.isSecret ? "" : setting.value)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
    let count = found.count(where: \.self)
    return try request.admin(
      "settings", at: "settings",
      [
        "filter": filter, "count": request.texts.counting("admin.script.settings", count),
        "items": zip(all, found).map { setting, isFound in
          [
            // A script shows them while somebody types.
            "isHidden": !isFound,
            "name": setting.name, "value": setting.value, "fallback": setting.fallback, "summary": setting.summary,
            "isSet": setting.isSet, "isSecret": setting.isSecret, "origin": request.word("admin.origin.", setting.origin.replacing(" ", with: "_"))
          ] as [String: Any]
        }
      ])
  }
}
