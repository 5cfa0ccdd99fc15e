import Kernel

/// The demo city: Saltmere, a harbour town that is on no map.
struct Saltmere: Sendable {
  static let name = "Saltmere"
  static let center = GeoPoint(latitude: 50.1200, longitude: -6.4100)
  static let timeZone = "Europe/London"
  static let currency = "GBP"

  /// A quarter and where its middle lies, in metres east and north of the old harbour.
  struct Quarter: Sendable {
    let name: String
    let eastMeters: Double
    let northMeters: Double
    let streets: [String]
  }

  static let quarters: [Quarter] = [
    Quarter(
      name: "Old Harbour", eastMeters: 0, northMeters: 0,
      streets: ["Quay Street", "Tar Street", "Netmakers Row", "Custom House Lane", "Anchor Yard", "Pilot Steps"]),
    Quarter(
      name: "Saltings", eastMeters: 1100, northMeters: -500,
      streets: ["Saltpan Road", "Heron Way", "Sluice Lane", "Reedbed Terrace", "Marsh Parade"]),
    Quarter(
      name: "Lamp Hill", eastMeters: -700, northMeters: 1000,
      streets: ["Lantern Hill", "Observatory Road", "Keeper's Walk", "Windlass Street", "Upper Lamp Street"]),
    Quarter(
      name: "Market", eastMeters: 400, northMeters: 700,
      streets: ["Corn Market", "Butter Cross", "Weighhouse Street", "Drapers Lane", "Coppergate", "Saddler Row"]),
    Quarter(
      name: "Millfields", eastMeters: 1300, northMeters: 900,
      streets: ["Mill Road", "Weaver Street", "Bobbin Lane", "Dyeworks Avenue", "Shuttle Close"]),
    Quarter(
      name: "Ropewalk", eastMeters: -1200, northMeters: -200,
      streets: ["Ropewalk", "Hemp Street", "Cooper Street", "Chandlers Way", "Bosun Terrace"]),
    Quarter(
      name: "St Brannock", eastMeters: -300, northMeters: -900,
      streets: ["Brannock Road", "Cloister Lane", "Almond Grove", "Orchard Terrace", "Vesper Street"]),
    Quarter(
      name: "Station", eastMeters: 700, northMeters: 1600,
      streets: ["Station Approach", "Signal Street", "Turntable Road", "Viaduct Lane", "Carriage Row"])
  ]

  struct Place: Sendable {
    let address: String
    let point: GeoPoint
  }

  /// A door in some quarter.
  static func door(_ chance: DemoChance) -> Place { door(in: chance.pick(quarters), chance) }

  static func door(in quarter: Quarter, _ chance: DemoChance) -> Place {
    // Two draws added lie nearer the middle than the edge, as doors do.
    let east = quarter.eastMeters + (chance.between(-1, 1) + chance.between(-1, 1)) * 320
    let north = quarter.northMeters + (chance.between(-1, 1) + chance.between(-1, 1)) * 320
    let point = center.offset(northMeters: north, eastMeters: east)
    let rounded = GeoPoint(latitude: round6(point.latitude), longitude: round6(point.longitude))
    return Place(address: "\(chance.number(1...120)) \(chance.pick(quarter.streets)), \(quarter.name), \(name)", point: rounded)
  }

  private static func round6(_ degrees: Double) -> Double { (degrees * 1e6).rounded() / 1e6 }

  static let firstNames = [
    "Amara", "Ben", "Carys", "Dmitri", "Elif", "Farah", "Gwen", "Hugo", "Imogen", "Jamal", "Kezia", "Lars", "Mei", "Nadia", "Oscar",
    "Priya", "Quentin", "Rosa", "Samir", "Tamsin", "Ugo", "Violet", "Wei", "Xanthe", "Yusuf", "Zofia", "Arlo", "Bronte", "Cyrus", "Dalia",
    "Emeka", "Freya", "Goran", "Hana", "Isla", "Joaquin", "Keira", "Leila", "Marek", "Niamh"
  ]
  static let lastNames = [
    "Abara", "Bellamy", "Cardoso", "Dunmore", "Ekwueme", "Fairweather", "Haddad", "Ito", "Jankowska", "Kerrigan", "Lindqvist",
    "Mbeki", "Novak", "Okafor", "Penrose", "Quiller", "Rahman", "Silva", "Tregenza", "Ulrich", "Varga", "Whitlock", "Xu", "Yilmaz", "Zhang",
    "Ashdown", "Brandt", "Cole", "Devereux"
  ]

  struct Person: Sendable {
    let firstName: String
    let lastName: String
    let email: String
  }

  /// People with names of their own; the role stands in the address so that a sign-in says what it is for.
  static func people(_ role: String, _ count: Int, seed: UInt64) -> [Person] {
    let chance = DemoChance(seed: seed, "people \(role)")
    return (1...count).map { number in
      let first = chance.pick(firstNames)
      let last = chance.pick(lastNames)
      return Person(firstName: first, lastName: last, email: "\(role)\(number)@saltmere.example")
    }
  }
}
