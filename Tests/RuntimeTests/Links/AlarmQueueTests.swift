import TestSupport
import Testing

@testable import SandboxLocal

@Suite struct AlarmQueueTests {
  @Test func ringInTheOrderOfTheirTimesHoweverTheyAreMoved() {
    var numbers = SeededNumbers(seed: 3)
    var queue = AlarmQueue()
    let alarms = (0..<200).map { _ in Alarm() }
    var expected: [ObjectIdentifier: Int64] = [:]
    for _ in 0..<5000 {
      let alarm = alarms[Int.random(in: 0..<alarms.count, using: &numbers)]
      if Int.random(in: 0..<4, using: &numbers) == 0 {
        queue.remove(alarm)
        expected[ObjectIdentifier(alarm)] = nil
      } else {
        let time = Int64.random(in: 0..<1000, using: &numbers)
        queue.set(alarm, at: time)
        expected[ObjectIdentifier(alarm)] = time
      }
      #expect(queue.first == expected.values.min())
    }
    var rung: [Int64] = []
    while let alarm = queue.takeDue(at: 500) {
      #expect(expected.removeValue(forKey: ObjectIdentifier(alarm)) == alarm.time)
      rung.append(alarm.time)
    }
    #expect(rung == rung.sorted())
    #expect(expected.values.allSatisfy { $0 > 500 })
    #expect(queue.first == expected.values.min())
  }
}
