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
