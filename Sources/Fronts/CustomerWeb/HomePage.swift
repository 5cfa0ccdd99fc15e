import CatalogAPI
import Foundation
import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// Where to eat from: restaurants near a chosen place, or all of them.
struct HomePage: Sendable {
  let request: PageRequest

  /// What of all restaurants is shown.
  struct Filter: Sendable {
    var cuisine: String?
    var search: String?
    /// Whether closed ones are left out.
    var openOnly = false
    /// Which of the two lists goes on behind the cursor.
    var isClosedList = false
    var cursor: String?

    init(_ query: Fields) {
      cuisine = query["cuisine"]
      search = query["search"].map { String($0.prefix(80)) }
      openOnly = query["open"] != nil
      isClosedList = query["closed"] != nil
      cursor = query["cursor"]
    }

    /// The address of the page with this filter.
    var link: String {
      var parts: [String] = []
      func add(_ name: String, _ value: String?) {
        if let escaped = value?.addingPercentEncoding(withAllowedCharacters: .asciiLetters) { parts.append("\(name)=\(escaped)") }
      }
      add("search", search)
      add("cuisine", cuisine)
      add("open", openOnly ? "1" : nil)
      add("closed", isClosedList ? "1" : nil)
      add("cursor", cursor)
      return parts.isEmpty ? "/" : "/?\(parts.joined(separator: "&"))"
    }

    func with(_ change: (inout Filter) -> Void) -> Filter {
      var copy = self
      (copy.cursor, copy.isClosedList) = (nil, false)
      change(&copy)
      return copy
    }
  }

  func answer() async throws -> WebResponse { try await answer(problem: nil) }

  private func answer(problem: Problem?) async throws -> WebResponse {
    let addresses = await request.addresses()
    let place = request.placeOrDefault(addresses)
    let filter = Filter(request.query)
    let cards = RestaurantCards(request: request, place: place)
    let goesOn = filter.cursor != nil
    async let basket = request.basketIfReached()
    async let cuisines = cuisines(near: place)
    async let open = goesOn && filter.isClosedList ? nil : list(filter, isOpen: true, near: place)
    async let closed = filter.openOnly || (goesOn && !filter.isClosedList) ? nil : list(filter, isOpen: false, near: place)
    var sections: [[String: Any]] = []
    let (nowOpen, nowClosed) = try await (open, closed)
    if let nowOpen { sections.append(try await section(nowOpen, filter, isOpen: true, cards)) }
    // Who can read on in the open ones does not yet look for closed ones.
    if let nowClosed, goesOn || nowOpen?.nextCursor == nil { sections.append(try await section(nowClosed, filter, isOpen: false, cards)) }
    sections = sections.filter { !($0["isEmpty"] as? Bool ?? false) }
    var fields: [String: Any?] = [
      "place": place.map { view(["label": $0.label]) }, "sections": sections, "isNothing": sections.isEmpty, "isFirstPage": !goesOn,
      "search": filter.search, "isFiltered": filter.search != nil || filter.cuisine != nil || filter.openOnly,
      "cuisine": filter.cuisine, "open": filter.openOnly, "openLink": filter.with { $0.openOnly.toggle() }.link,
      "allLink": filter.with { $0.cuisine = nil }.link, "isAnyCuisine": filter.cuisine == nil,
      "cuisines": await cuisines.map { name -> [String: Any] in
        [
          "name": CuisineWords(texts: request.texts).name(name), "href": filter.with { $0.cuisine = name }.link,
          "isCurrent": name == filter.cuisine?.lowercased()
        ]
      }
    ]
    let known = place.map {
      ["text": $0.addressId == nil ? $0.label : "", "latitude": "\($0.point.latitude)", "longitude": "\($0.point.longitude)"]
    }
    fields["f"] = request.formFields(["text", "latitude", "longitude"], known: known ?? [:], problem: problem)
    fields["isChoosing"] = problem != nil
    // Where the map for choosing begins.
    fields["around"] = (place?.point ?? nowOpen?.items.first?.point ?? nowClosed?.items.first?.point).map { "\($0.latitude),\($0.longitude)" }
    fields["addresses"] = addresses.map { view(["id": $0.id.description, "label": $0.label, "text": $0.text]) }
    fields["then"] = problem == nil ? request.url : "/"
    return try await request.framed("customer/home", status: problem?.status ?? 200, tab: .home, basket: basket, fields)
  }

  /// Open or closed restaurants, as far as the filter goes on with this list.
  private func list(_ filter: Filter, isOpen: Bool, near place: ChosenPlace?) async throws -> Page<RestaurantSummary> {
    let asked = ListRestaurants(
      latitude: place?.point.latitude, longitude: place?.point.longitude, cuisine: filter.cuisine, search: filter.search, openNow: isOpen,
      limit: isOpen ? 24 : 12, cursor: filter.isClosedList == !isOpen ? filter.cursor : nil)
    return try await request.call(asked).value()
  }

  private func section(_ page: Page<RestaurantSummary>, _ filter: Filter, isOpen: Bool, _ cards: RestaurantCards) async throws -> [String: Any] {
    let more = page.nextCursor.map { cursor in
      filter.with {
        $0.cursor = cursor
        $0.isClosedList = !isOpen
      }.link
    }
    return view([
      "id": isOpen ? "open" : "closed", "title": request.texts[isOpen ? "customer.home.open" : "customer.home.closed"],
      "restaurants": await cards.cards(page.items), "more": more, "isEmpty": page.items.isEmpty
    ])
  }

  /// The kitchens that there are around the place.
  private func cuisines(near place: ChosenPlace?) async -> [String] {
    let asked = ListRestaurants(latitude: place?.point.latitude, longitude: place?.point.longitude, limit: 100)
    guard let page = try? await request.call(asked).value() else { return [] }
    var counts: [String: Int] = [:]
    for cuisine in page.items.flatMap(\.cuisineTypes) { counts[cuisine.lowercased(), default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(16).map(\.key)
  }

  /// Takes the place that somebody chose.
  func choose() async throws -> WebResponse {
    let form = request.form
    if form["forget"] != nil {
      request.keep(ChosenPlace.cookie, "", seconds: 0)
      return request.redirect(to: request.next(or: "/"))
    }
    if let id = form.id("addressId", AddressID.self) {
      guard let saved = await request.addresses().first(where: { $0.id == id }) else { return request.redirect(to: "/") }
      request.keep(ChosenPlace(label: saved.text, point: saved.point, addressId: saved.id))
      return request.redirect(to: request.next(or: "/"))
    }
    let point: GeoPoint
    do { point = try form.point(latitude: "latitude", longitude: "longitude") } catch {
      return try await answer(problem: Problem(error))
    }
    request.keep(ChosenPlace(label: form["text"] ?? request.texts["customer.place.point"], point: point))
    return request.redirect(to: request.next(or: "/"))
  }
}

extension Fields {
  /// A point of two fields.
  func point(latitude: String, longitude: String) throws(InvalidInput) -> GeoPoint {
    var faults: [Fault] = []
    func degrees(_ name: String, _ most: Int) -> Double {
      guard let text = self[name] else {
        faults.append(Fault(path: name, message: "is required"))
        return 0
      }
      guard let degrees = number(name), degrees.magnitude <= Double(most), !text.isEmpty else {
        faults.append(Fault(path: name, message: "must be between -\(most) and \(most)"))
        return 0
      }
      return degrees
    }
    let point = GeoPoint(latitude: degrees(latitude, 90), longitude: degrees(longitude, 180))
    if !faults.isEmpty { throw InvalidInput(faults) }
    return point
  }
}
