import AccountWeb
import AdminWeb
import CourierWeb
import CustomerWeb
import FrontFiles
import Hosting
import LiveWeb
import Pages
import RestaurantWeb

/// The web apps, which every gateway shows.
enum FrontChoice {
  static let all: [any Front] = [AccountWeb(), CustomerWeb(), RestaurantWeb(), CourierWeb(), AdminWeb(), LiveWeb()]

  /// What makes their pages.
  ///
  /// - Throws: `SettingsFault` naming the setting that is wrong.
  static func press(_ installation: Installation) throws -> Press {
    try Press(
      embeddedFiles, installation.pages, switchboard: installation.process.switchboard, time: installation.time, ids: installation.ids)
  }
}
