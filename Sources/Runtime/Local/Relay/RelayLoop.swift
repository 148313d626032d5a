import Machine
import SandboxSystem

/// What somebody wants to know of a descriptor, or is told.
struct Interest: OptionSet {
  let rawValue: UInt8

  static let read = Interest(rawValue: 1)
  static let write = Interest(rawValue: 2)
  /// The other end has finished, or is gone.
  static let end = Interest(rawValue: 4)
}

/// Someone who is told when a descriptor is ready.
class Watcher {
  let descriptor: Int32
  fileprivate(set) var interest: Interest = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// - Parameter ready: no more than it wanted to know.
  func isReady(_ ready: Interest, at now: Int64) {}
}

/// What the relay's only thread does: waits for descriptors and alarms, and tells those whose turn it is.
final class RelayLoop {
  private let events: EventQueue
  var alarms = AlarmQueue()
  /// By descriptor.
  private var watchers: [Watcher?] = []
  /// Closed when all that was ready has had its turn: until then no other connection gets their numbers.
  private var buried: [(descriptor: Int32, reset: Bool)] = []

  /// Where bytes are read into that go on at once. All connections share it.
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 64)
  /// Where pieces are listed that go out together.
  let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
  /// What all delay lines cost together.
  var held = 0

  /// How much is held for all connections together before each gets little.
  private static let muchHeld = 256 << 20
  var isShort: Bool { held > Self.muchHeld }

  init() throws(ProcessError) { events = try EventQueue() }

  deinit {
    closeBuried()
    buffer.deallocate()
    vectors.deallocate()
  }

  /// Nanoseconds that nobody sets, and that go on while the machine is awake.
  static var clock: Int64 {
    var time = timespec()
    #if canImport(Glibc)
      clock_gettime(CLOCK_MONOTONIC, &time)
    #else
      clock_gettime(CLOCK_UPTIME_RAW, &time)
    #endif
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// From now on the watcher is told of this, and of nothing else.
  func watch(_ watcher: Watcher, _ interest: Interest) {
    guard interest != watcher.interest else { return }
    let number = Int(watcher.descriptor)
    while watchers.count <= number { watchers.append(nil) }
    events.watch(watcher.descriptor, interest, before: watcher.interest)
    watcher.interest = interest
    watchers[number] = interest.isEmpty ? nil : watcher
  }

  /// Closes the watcher's descriptor.
  ///
  /// - Parameter reset: whether the other end is told that all is lost.
  func bury(_ watcher: Watcher, reset: Bool) {
    watch(watcher, [])
    buried.append((watcher.descriptor, reset))
  }

  private func closeBuried() {
    for (descriptor, reset) in buried {
      if reset { RelaySocket.resetWhenClosed(descriptor) }
      close(descriptor)
    }
    buried.removeAll(keepingCapacity: true)
  }

  /// Waits for what comes next, and does it.
  func turn() {
    // Alarms of the same few microseconds ring together: each wait costs more than that.
    let count = events.wait(until: alarms.first.map { ($0 | 0xffff) + 1 })
    var now = Self.clock
    for index in 0..<count {
      guard let event = events[index], let watcher = watchers[Int(event.descriptor)] else { continue }
      let ready = event.ready.intersection(watcher.interest)
      if !ready.isEmpty { watcher.isReady(ready, at: now) }
    }
    now = Self.clock
    while let alarm = alarms.takeDue(at: now) { alarm.ring(at: now) }
    closeBuried()
  }
}

/// Something that is to happen at a time.
class Alarm {
  /// In nanoseconds of `RelayLoop.clock`.
  fileprivate(set) var time: Int64 = 0
  /// Where it is in the queue; -1 while it is in none.
  fileprivate var place = -1

  /// Its time has come.
  func ring(at now: Int64) {}
}

/// Alarms in the order of their times: a binary heap in which each knows its place, as most are moved before they ring.
struct AlarmQueue {
  private var alarms: [Alarm] = []

  /// When the first one rings.
  var first: Int64? { alarms.first?.time }

  mutating func set(_ alarm: Alarm, at time: Int64) {
    if alarm.place < 0 {
      alarm.time = time
      alarm.place = alarms.count
      alarms.append(alarm)
      rise(alarm.place)
    } else if time < alarm.time {
      alarm.time = time
      rise(alarm.place)
    } else if time > alarm.time {
      alarm.time = time
      sink(alarm.place)
    }
  }

  mutating func remove(_ alarm: Alarm) {
    let place = alarm.place
    guard place >= 0 else { return }
    alarm.place = -1
    let last = alarms.removeLast()
    guard last !== alarm else { return }
    put(last, place)
    rise(place)
    sink(last.place)
  }

  /// One whose time has come; it is in the queue no more.
  mutating func takeDue(at now: Int64) -> Alarm? {
    guard let alarm = alarms.first, alarm.time <= now else { return nil }
    remove(alarm)
    return alarm
  }

  private mutating func put(_ alarm: Alarm, _ place: Int) {
    alarms[place] = alarm
    alarm.place = place
  }

  private mutating func rise(_ start: Int) {
    let alarm = alarms[start]
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard alarm.time < alarms[parent].time else { break }
      put(alarms[parent], place)
      place = parent
    }
    put(alarm, place)
  }

  private mutating func sink(_ start: Int) {
    let alarm = alarms[start]
    var place = start
    while true {
      var child = place * 2 + 1
      guard child < alarms.count else { break }
      if child + 1 < alarms.count, alarms[child + 1].time < alarms[child].time { child += 1 }
      guard alarms[child].time < alarm.time else { break }
      put(alarms[child], place)
      place = child
    }
    put(alarm, place)
  }
}
