import GatewayAPI
import Settings

/// Answers `ListSettings` with what the process read at its start.
struct ListSettingsHandler: Sendable {
  let settings: SettingsSource

  func answer(_ request: ListSettings) async throws -> SettingsInForce {
    SettingsInForce(
      settings: settings.all.map { setting in
        SettingInForce(
          name: setting.name, value: setting.value, fallback: setting.isSecret && !setting.fallback.isEmpty ? "********" : setting.fallback,
          summary: setting.summary, origin: setting.origin.rawValue, isSet: setting.origin != .fallback, isSecret: setting.isSecret)
      })
  }
}
