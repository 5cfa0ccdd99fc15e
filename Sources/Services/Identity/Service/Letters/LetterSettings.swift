import Hosting
import Outreach
import ServiceKit
import Settings

/// What can be set about the ways in and about what is sent to people.
enum LetterSettings {
  static func rules(_ settings: SettingsSource) throws -> WayInRules {
    let code = settings.text(
      "identity.callingCode", default: "", "Of the country whose phone numbers may be typed as they are dialled there, such as 91; none without it.")
    guard code.utf8.count <= 3, code.utf8.allSatisfy({ 48...57 ~= $0 }), !code.hasPrefix("0") else {
      throw SettingsFault(name: "identity.callingCode", problem: "must be digits such as 91, not \"\(code)\"")
    }
    return WayInRules(
      resetLifetime: try settings.duration(
        "identity.resetLinkMinutes", default: 60, within: 1...1440, "How long the link to a new password is good."),
      wrongAttempts: try settings.integer(
        "identity.attemptsPerQuarterHour", default: 5, within: 1...1_000_000, "Attempts at an account's password in 15 minutes."),
      callingCode: code)
  }

  static func desk(_ host: Host) throws -> LetterDesk {
    LetterDesk(
      database: host.database, time: host.time, texts: try texts(host.settings), mails: try mails(host.settings, host.time),
      publicURL: try publicURL(host.settings))
  }

  static func external(_ host: Host) throws -> ExternalDesk {
    ExternalDesk(
      providers: try ProviderSettings.read(host.settings).mapValues { Provider($0, time: host.time) }, publicURL: try publicURL(host.settings))
  }

  private static func publicURL(_ settings: SettingsSource) throws -> String {
    let url = settings.text("web.publicUrl", default: "http://127.0.0.1:8080", "What browsers reach the platform by: the beginning of links.")
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), !url.contains("?"), !url.contains("#") else {
      throw SettingsFault(name: "web.publicUrl", problem: "must be like https://food.example.com, not \"\(url)\"")
    }
    return url.hasSuffix("/") ? String(url.dropLast()) : url
  }

  private static func texts(_ settings: SettingsSource) throws -> any TextSending {
    let kind = settings.text("sms.sender", default: "log", "Who sends text messages: log (for development) or msg91.")
    let url = settings.text("sms.msg91Url", default: "https://control.msg91.com", "Where MSG91 answers.")
    let key = settings.text("sms.msg91Key", default: "", isSecret: true, "The authentication key at MSG91.")
    let template = settings.text("sms.msg91Template", default: "", "The template at MSG91; the code is its variable otp.")
    switch kind {
    case "log": return LogTexts()
    case "msg91":
      if key.isEmpty { throw SettingsFault(name: "sms.msg91Key", problem: "is needed for sms.sender=msg91") }
      if template.isEmpty { throw SettingsFault(name: "sms.msg91Template", problem: "is needed for sms.sender=msg91") }
      guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
        throw SettingsFault(name: "sms.msg91Url", problem: "must be a URL, not \"\(url)\"")
      }
      return MSG91Texts(url: url, key: key, template: template)
    default: throw SettingsFault(name: "sms.sender", problem: "must be log or msg91, not \"\(kind)\"")
    }
  }

  private static func mails(_ settings: SettingsSource, _ time: TimeSource) throws -> any MailSending {
    let url = settings.text(
      "mail.smtpUrl", default: "", isSecret: true, "The mail server, such as smtp://user:password@mail.example.com:587; the log without it.")
    let sender = settings.text("mail.from", default: "no-reply@tiffin.example", "The address that mails come from.")
    if url.isEmpty { return LogMails() }
    guard let address = SMTPAddress(url) else {
      throw SettingsFault(name: "mail.smtpUrl", problem: "must be like smtp://user:password@mail.example.com:587")
    }
    return SMTPMails(address, sender: sender, time: time)
  }
}
