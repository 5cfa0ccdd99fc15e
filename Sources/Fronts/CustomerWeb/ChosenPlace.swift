import Foundation
import IdentityAPI
import Kernel
import Pages
import ServiceKit

/// Where somebody wants to eat, kept in a cookie.
struct ChosenPlace: Sendable {
  /// Street and door, or what the person calls it.
  var label: String
  var point: GeoPoint
  /// Which of the person's saved addresses it is.
  var addressId: AddressID?

  static let cookie = "tiffin_place"
  private static let longestLabel = 120

  init(label: String, point: GeoPoint, addressId: AddressID? = nil) {
    self.label = String(label.prefix(Self.longestLabel))
    self.point = point
    self.addressId = addressId
  }

  /// Reads what `text` writes.
  init?(cookie: String) {
    let parts = cookie.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, let latitude = Double(parts[0]), let longitude = Double(parts[1]), -90...90 ~= latitude, -180...180 ~= longitude,
      let label = String(parts[3]).removingPercentEncoding
    else { return nil }
    self.init(label: label, point: GeoPoint(latitude: latitude, longitude: longitude), addressId: AddressID(String(parts[2])))
  }

  var text: String {
    let escaped = label.addingPercentEncoding(withAllowedCharacters: .alphanumerics.intersection(.asciiLetters)) ?? ""
    return "\(point.latitude)_\(point.longitude)_\(addressId?.description ?? "")_\(escaped)"
  }
}

extension CharacterSet {
  /// What stands in cookies and in queries as it is.
  static let asciiLetters = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.")
}

extension PageRequest {
  /// Where the person wants to eat, if that was said; a saved address is told only to who saved it.
  var place: ChosenPlace? {
    guard let place = cookie(ChosenPlace.cookie).flatMap(ChosenPlace.init(cookie:)) else { return nil }
    return place.addressId != nil && caller.user == nil ? nil : place
  }

  /// Where the person wants to eat: as was said, else at the saved address that they start with, which is kept.
  func placeOrDefault(_ addresses: [SavedAddress]) -> ChosenPlace? {
    if let place { return place }
    guard let saved = addresses.first(where: \.isDefault) ?? addresses.first else { return nil }
    let place = ChosenPlace(label: saved.text, point: saved.point, addressId: saved.id)
    keep(place)
    return place
  }

  func keep(_ place: ChosenPlace) { keep(ChosenPlace.cookie, place.text, seconds: 180 * 86_400) }

  /// The person's saved addresses; none where nobody is signed in.
  func addresses() async -> [SavedAddress] {
    guard caller.user != nil else { return [] }
    return (try? await call(ListAddresses()).items) ?? []
  }
}
