import Foundation
import Kernel
import Messaging
import ServiceKit
import TestKit
import Testing

/// What every bus promises, in process or over a broker.
@Suite struct BusConformanceTests {
  @Test(arguments: BusKind.here) func everySubscriberGetsEveryEventOfItsKindInOrder(_ kind: BusKind) async throws {
    let receivers = ["kitchen", "counter"].map { Receiver($0) } + [Receiver("screen", isEveryNode: true)]
    let deaf = Receiver("deaf")
    let feeder = Feeder()
    let (many, few) = (kind.some(2000), kind.some(200))
    let events = cups(many) + cups(few, name: "cup.emptied", prefix: "sink") + cups(10, name: "cup.broken", prefix: "bin")
    try await BusUnderTest(kind).with(receivers.map { $0.subscription() } + [deaf.subscription(["cup.painted"])]) { bus in
      try await eventually("the bus is up") { bus.status.isUp }
      try await feeder.feed(events, to: bus)
      try await feeder.settle()
      for receiver in receivers { try await eventually("all events at \(receiver.name)") { receiver.count >= many + few } }
    }
    for receiver in receivers {
      #expect(receiver.count == many + few)
      #expect(receiver.deliveries == many + few)
      #expect(receiver.disordered == [])
    }
    #expect(deaf.count == 0)
  }

  @Test(arguments: BusKind.here) func whatAConsumerHadNotDoneWhenItWentComesAgain(_ kind: BusKind) async throws {
    let count = kind.some(300)
    // SQS gives nothing more of an aggregate while something of it is open: each event is of one of its own there.
    let events = cups(count, aggregates: kind == .sqs ? count : 10)
    let installation = try BusUnderTest(kind)
    let feeder = Feeder()
    let lost = Receiver("kitchen", isHolding: true)
    try await installation.with([lost.subscription()]) { bus in
      try await feeder.feed(events, to: bus)
      try await eventually("all events at the first consumer") { lost.count >= count }
      if kind.isBroker { try await feeder.settle() } else { #expect(feeder.unconfirmed.count == count) }
    }
    let second = Receiver("kitchen")
    try await installation.with([second.subscription()]) { bus in
      // What a relay does at its start with what its outbox still holds.
      if !feeder.unconfirmed.isEmpty { try await feeder.feed(feeder.unconfirmed, to: bus, isRepeated: true) }
      try await eventually("all events at the second consumer") { second.count >= count }
      try await feeder.settle()
    }
    #expect(second.repeated == count)
    #expect(second.disordered == [])
    // And now they are through: a third gets nothing of it.
    let third = Receiver("kitchen")
    try await installation.with([third.subscription()]) { bus in
      try await feeder.feed(cups(10, prefix: "late"), to: bus)
      try await eventually("ten more") { third.count >= 10 }
    }
    #expect(third.count == 10)
  }

  @Test(arguments: BusKind.here) func aSlowSubscriberHoldsUpWhatIsInMemoryAndNothingIsLost(_ kind: BusKind) async throws {
    let slow = Receiver("slow", isHolding: true)
    let quick = Receiver("quick")
    let feeder = Feeder()
    let events = cups(kind.many)
    try await BusUnderTest(kind).with([slow.subscription(), quick.subscription()]) { bus in
      let feeding = Task { try await feeder.feed(events, to: bus) }
      if kind.isBroker {
        try await eventually("all at the quick one") { quick.count >= events.count }
        try await feeding.value
      } else {
        try await eventually("a full window") { quick.count >= Feeder.window - 256 }
      }
      #expect(slow.count <= kind.mostOpen)
      #expect(slow.count > 0)
      slow.release()
      try await feeding.value
      try await eventually(within: .seconds(240), "all at the slow one") { slow.count >= events.count }
      try await feeder.settle()
    }
    #expect(slow.mostOpen <= kind.mostOpen)
    #expect(slow.disordered == [] && quick.disordered == [])
    #expect(slow.ids == Set(events.map(\.id)) && quick.ids == slow.ids)
  }

  @Test(arguments: BusKind.here) func manyEventsWithoutLoss(_ kind: BusKind) async throws {
    let receivers = ["kitchen", "counter"].map { Receiver($0) }
    let feeder = Feeder()
    let events = cups(kind.veryMany, aggregates: 997)
    let clock = ContinuousClock()
    try await BusUnderTest(kind).with(receivers.map { $0.subscription() }) { bus in
      let start = clock.now
      try await feeder.feed(events, to: bus)
      try await feeder.settle(within: .seconds(240))
      let confirmed = start.duration(to: clock.now)
      for receiver in receivers { try await eventually(within: .seconds(240), "all at \(receiver.name)") { receiver.count >= events.count } }
      let delivered = start.duration(to: clock.now)
      print(
        "measured bus \(kind.rawValue): \(events.count) events, \(Int(Double(events.count) / confirmed.seconds)) published/s, "
          + "\(Int(Double(events.count) / delivered.seconds)) delivered to both of two subscribers/s")
    }
    for receiver in receivers {
      #expect(receiver.ids == Set(events.map(\.id)))
      #expect(receiver.disordered == [])
    }
  }

  @Test(arguments: BusKind.brokers) func instancesOfAServiceShareItsEventsAndNodesGetThemAll(_ kind: BusKind) async throws {
    let installation = try BusUnderTest(kind)
    let first = Receiver("kitchen"), second = Receiver("kitchen")
    let screens = [Receiver("screen", isEveryNode: true), Receiver("screen", isEveryNode: true)]
    let feeder = Feeder()
    let half = kind.some(500)
    let events = cups(half * 2, aggregates: 20)
    try await installation.with([first.subscription(), screens[0].subscription()]) { bus in
      try await installation.with([second.subscription(), screens[1].subscription()]) { _ in
        try await feeder.feed(Array(events[..<half]), to: bus)
        try await feeder.settle()
        try await eventually("half of them at either") { first.count + second.count >= half }
        for screen in screens { try await eventually("half of them at each screen") { screen.count >= half } }
      }
      // One of the two has gone: the other does its part.
      try await feeder.feed(Array(events[half...]), to: bus)
      try await eventually("all at either") { first.ids.union(second.ids).count >= half * 2 }
      try await eventually("all at the screen that is left") { screens[0].count >= half * 2 }
    }
    #expect(first.ids.union(second.ids) == Set(events.map(\.id)))
    #expect(first.ids.intersection(second.ids).isEmpty)
    #expect(first.disordered == [] && second.disordered == [])
    #expect(screens[1].count == half)
  }

  @Test(arguments: BusKind.brokers) func aNewNodeGetsNothingOfBeforeAndAServiceThatWasAwayGetsAll(_ kind: BusKind) async throws {
    let installation = try BusUnderTest(kind)
    let before = Receiver("kitchen"), after = Receiver("kitchen"), screen = Receiver("screen", isEveryNode: true)
    let feeder = Feeder()
    try await installation.with([before.subscription()]) { _ in }
    let events = cups(100)
    try await installation.with([]) { bus in
      try await feeder.feed(events, to: bus)
      try await feeder.settle()
    }
    try await installation.with([after.subscription(), screen.subscription()]) { bus in
      try await eventually("what came while it was away") { after.count >= 100 }
      try await feeder.feed(cups(7, prefix: "new"), to: bus)
      try await eventually("the new ones") { after.count >= 107 && screen.count >= 7 }
    }
    #expect(screen.count == 7)
    #expect(after.ids.isSuperset(of: events.map(\.id)))
  }
}
