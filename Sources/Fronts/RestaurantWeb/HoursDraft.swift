import WebServer
import CatalogAPI
import Kernel
import Pages
import Wire

/// A week and its exceptions as they stand in their form, with rows that come and go.
struct HoursDraft: Sendable {
  static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

  struct Stretch: Sendable {
    var opens = ""
    var closes = ""
    var isBlank: Bool { opens.isEmpty && closes.isEmpty }
  }

  struct Closure: Sendable {
    var firstDay = ""
    var lastDay = ""
    /// Exact moments, which only programs set.
    var startsAt = ""
    var endsAt = ""
    var reason = ""
    var isBlank: Bool { firstDay.isEmpty && lastDay.isEmpty && startsAt.isEmpty && endsAt.isEmpty && reason.isEmpty }
  }

  var week: [[Stretch]]
  var closures: [Closure]

  init(_ restaurant: Restaurant) {
    // The end of a day is its next midnight, which a field for times can hold.
    week = restaurant.openingHours.days.map { day in
      day.map { Stretch(opens: "\($0.opens)", closes: $0.closes.minutes == 1440 ? "00:00" : "\($0.closes)") }
    }
    closures = restaurant.closures.map {
      Closure(
        firstDay: $0.firstDay?.description ?? "", lastDay: $0.lastDay?.description ?? "", startsAt: $0.startsAt?.description ?? "",
        endsAt: $0.endsAt?.description ?? "", reason: $0.reason ?? "")
    }
  }

  /// As it was sent.
  init(_ form: Fields) {
    func text(_ name: String) -> String { form[name] ?? "" }
    week = Self.days.map { day in
      var stretches: [Stretch] = []
      while form.has("openingHours.\(day)[\(stretches.count)].opens") {
        let path = "openingHours.\(day)[\(stretches.count)]"
        stretches.append(Stretch(opens: text("\(path).opens"), closes: text("\(path).closes")))
      }
      return stretches
    }
    closures = []
    while form.has("closures[\(closures.count)].reason") {
      let path = "closures[\(closures.count)]"
      closures.append(
        Closure(
          firstDay: text("\(path).firstDay"), lastDay: text("\(path).lastDay"), startsAt: text("\(path).startsAt"),
          endsAt: text("\(path).endsAt"), reason: text("\(path).reason")))
    }
  }

  /// Adds, removes or copies rows as a button asks: `add:monday`, `remove:monday:0`, `copy:monday`, `addClosure`, `removeClosure:0`; `show`
  /// leaves them as they are.
  ///
  /// - Returns: whether the button was one of those.
  mutating func change(_ button: String) -> Bool {
    let words = button.split(separator: ":").map(String.init)
    let day = words.dropFirst().first.flatMap { Self.days.firstIndex(of: $0) }
    let index = words.last.flatMap { Int($0) }
    switch (words.first ?? "", day, index) {
    case ("add", let day?, _):
      if week[day].count < 6 { week[day].append(Stretch()) }
    case ("remove", let day?, let index?) where week[day].indices.contains(index): week[day].remove(at: index)
    case ("copy", let day?, _): week = Array(repeating: week[day], count: 7)
    case ("addClosure", _, _):
      if closures.count < 100 { closures.append(Closure()) }
    case ("removeClosure", _, let index?) where closures.indices.contains(index): closures.remove(at: index)
    case ("show", _, _): break
    default: return false
    }
    return true
  }

  /// Rows in which nothing stands are not meant.
  mutating func dropBlanks() {
    week = week.map { $0.filter { !$0.isBlank } }
    closures = closures.filter { !$0.isBlank }
  }

  func hours(_ form: inout TypedForm) -> OpeningHours {
    let read = week.enumerated().map { day, stretches in
      stretches.enumerated().map { index, stretch in
        let path = "openingHours.\(Self.days[day])[\(index)]"
        return DailyInterval(opens: form.time(stretch.opens, at: "\(path).opens"), closes: form.time(stretch.closes, at: "\(path).closes"))
      }
    }
    return OpeningHours(
      monday: read[0], tuesday: read[1], wednesday: read[2], thursday: read[3], friday: read[4], saturday: read[5], sunday: read[6])
  }

  func periods(_ form: inout TypedForm) -> [ClosurePeriod] {
    closures.enumerated().map { index, closure in
      let path = "closures[\(index)]"
      if let starts = moment(closure.startsAt), let ends = moment(closure.endsAt) {
        return ClosurePeriod(startsAt: starts, endsAt: ends, reason: closure.reason.isEmpty ? nil : closure.reason)
      }
      if closure.firstDay.isEmpty { form.note("\(path).firstDay", "is required") }
      let first = form.date(closure.firstDay, at: "\(path).firstDay")
      // One day is enough to say.
      let last = closure.lastDay.isEmpty ? first : form.date(closure.lastDay, at: "\(path).lastDay")
      return ClosurePeriod(firstDay: first, lastDay: last, reason: closure.reason.isEmpty ? nil : closure.reason)
    }
  }

  private func moment(_ text: String) -> Instant? {
    var text = text
    return text.withUTF8 { bytes in bytes.withMemoryRebound(to: UInt8.self) { Instant(utf8: $0) } }
  }

  // MARK: Shown

  func fields(_ problem: Problem?, _ place: Workplace) -> [String: Any] {
    let request = place.request
    func field(_ name: String, _ value: String, also: String? = nil) -> [String: Any] {
      var field: [String: Any] = ["name": name, "value": value, "id": ItemDraft.elementID(name), "error": false]
      if let fault = problem?.faults.first(where: { $0.path == name || $0.path == also }) {
        field["error"] = fault.message.hasPrefix("overlaps") ? request.texts["restaurant.hours.overlaps"] : request.sentence(of: fault)
      }
      return field
    }
    let days = week.enumerated().map { day, stretches -> [String: Any] in
      let name = Self.days[day]
      return [
        "day": name, "name": request.texts["restaurant.day.\(name)"], "isClosed": stretches.isEmpty, "isMonday": day == 0,
        "stretches": stretches.enumerated().map { index, stretch -> [String: Any] in
          let path = "openingHours.\(name)[\(index)]"
          return [
            "day": name, "index": index, "number": index + 1, "opens": field("\(path).opens", stretch.opens, also: path),
            "closes": field("\(path).closes", stretch.closes), "isOverNight": !stretch.isBlank && stretch.closes < stretch.opens,
            "isAllDay": !stretch.isBlank && stretch.closes == stretch.opens
          ]
        }
      ]
    }
    let shown = closures.enumerated().map { index, closure -> [String: Any] in
      let path = "closures[\(index)]"
      var fields: [String: Any] = [
        "index": index, "number": index + 1, "path": path, "firstDay": field("\(path).firstDay", closure.firstDay, also: path),
        "lastDay": field("\(path).lastDay", closure.lastDay), "reason": field("\(path).reason", closure.reason), "startsAt": closure.startsAt,
        "endsAt": closure.endsAt, "isExact": false
      ]
      if let starts = moment(closure.startsAt), let ends = moment(closure.endsAt) {
        fields["isExact"] = true
        fields["from"] = request.formats.dayAndTime(starts, in: place.zone)
        fields["to"] = request.formats.dayAndTime(ends, in: place.zone)
      }
      return fields
    }
    return ["days": days, "closures": shown, "hasClosures": !shown.isEmpty]
  }
}
