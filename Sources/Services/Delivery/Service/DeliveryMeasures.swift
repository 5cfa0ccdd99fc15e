import Observability

/// What Delivery counts of itself, for whoever watches.
struct DeliveryMeasures: Sendable {
  let offered = Metrics.counter("delivery_offers_total", help: "Offers by what became of them", ["outcome": "made"])
  let accepted = Metrics.counter("delivery_offers_total", help: "Offers by what became of them", ["outcome": "accepted"])
  let declined = Metrics.counter("delivery_offers_total", help: "Offers by what became of them", ["outcome": "declined"])
  let expired = Metrics.counter("delivery_offers_total", help: "Offers by what became of them", ["outcome": "expired"])
  let unassigned = Metrics.counter("delivery_unassigned_total", help: "Deliveries that nobody within the widest radius took")
  let dropped = Metrics.gauge("delivery_points_dropped", help: "Positions that found the queue to the disk full")
  let waiting = Metrics.gauge("delivery_waiting", help: "Deliveries that the dispatcher looked at in its last round")
  let log = Log("delivery")
}
