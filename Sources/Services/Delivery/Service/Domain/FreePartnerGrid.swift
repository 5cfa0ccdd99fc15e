import Kernel

/// The partners free at one moment, laid out in squares, so that a search by radius looks only at those around.
struct FreePartnerGrid {
  /// About 2.2 km from south to north.
  private static let degrees = 0.02
  private static let columns = 18_000

  private struct Cell: Hashable { var row: Int, column: Int }
  private let cells: [Cell: [FreePartner]]
  let count: Int

  init(_ partners: [FreePartner]) {
    var cells: [Cell: [FreePartner]] = [:]
    for partner in partners { cells[Self.cell(partner.point), default: []].append(partner) }
    self.cells = cells
    count = partners.count
  }

  /// Those within the radius, over the date line too; near the poles everybody of the rows around is looked at.
  func near(_ point: GeoPoint, _ radiusMeters: Double) -> [FreePartner] {
    guard count > 0 else { return [] }
    let up = Int((radiusMeters / 111_195 / Self.degrees).rounded(.up))
    // A degree of longitude shrinks towards the pole: 1 - x²/2 is a lower bound of the cosine, good enough to be safe up to 75°.
    let radians = min(75, abs(point.latitude) + Double(up) * Self.degrees) * .pi / 180
    let shrink = max(0.1, 1 - radians * radians / 2)
    let across =
      abs(point.latitude) > 75 ? Self.columns / 2 : min(Self.columns / 2, Int((radiusMeters / (111_195 * shrink) / Self.degrees).rounded(.up)))
    let center = Self.cell(point)
    var found: [FreePartner] = []
    if (2 * up + 1) * (2 * across + 1) > cells.count {
      // Fewer squares are taken than there are to look at.
      for cell in cells where abs(cell.key.row - center.row) <= up { found += cell.value }
    } else {
      for row in center.row - up...center.row + up {
        for step in -across...across {
          let column = ((center.column + step) % Self.columns + Self.columns) % Self.columns
          if let cell = cells[Cell(row: row, column: column)] { found += cell }
        }
      }
    }
    return found.filter { $0.point.distanceMeters(to: point) <= radiusMeters }
  }

  private static func cell(_ point: GeoPoint) -> Cell {
    Cell(
      row: Int((point.latitude / degrees).rounded(.down)),
      column: min(columns - 1, Int(((point.longitude + 180) / degrees).rounded(.down))))
  }
}
