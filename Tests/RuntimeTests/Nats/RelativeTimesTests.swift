import Interpreter
import NATS
import Testing

@testable import SandboxNats
@testable import SandboxSystem

struct RelativeTimesTests {
  private func json(_ map: ValueMap?) -> String { Value.map(map ?? ValueMap()).json().string }

  private func settled(_ configuration: ValueMap, like present: ValueMap) throws -> ValueMap {
    try RelativeTimes.settled(configuration, like: present, of: "stream S", refusal: 10058)
  }

  private let hour = Value.duration(DurationValue(nanoseconds: 3_600_000_000_000))

  @Test func `what is there keeps the moment that it was made with`() throws {
    let present = ValueMap([
      ("opt_start_time", "2026-11-22T12:00:00Z"), ("pause_until", "2026-11-22T13:00:00Z"),
      ("metadata", ["nbx.opt_start_time": "1h", "nbx.pause_until": "1h"] as Value),
    ])
    let wanted = ValueMap([("name", "billing"), ("opt_start_time", hour), ("pause_until", hour)])
    #expect(RelativeTimes.areIn(wanted))
    #expect(json(try settled(wanted, like: present)) == json(ValueMap([("name", "billing")]).merged(with: present)))
  }

  @Test func `what is new gets its moments as seen from now, and the words`() throws {
    let before = TimeValue.now.nanoseconds
    let filled = RelativeTimes.filled(ValueMap([("opt_start_time", hour), ("pause_until", hour)]))
    let after = TimeValue.now.nanoseconds
    let start = try #require(filled["opt_start_time"]?.asText.flatMap { TimeValue(rfc3339: $0.string) })
    let pause = try #require(filled["pause_until"]?.asText.flatMap { TimeValue(rfc3339: $0.string) })
    #expect((before - 3_600_000_000_000...after - 3_600_000_000_000).contains(start.nanoseconds))
    #expect((before + 3_600_000_000_000...after + 3_600_000_000_000).contains(pause.nanoseconds))
    #expect(filled["metadata"]?.shown() == #"{ "nbx.opt_start_time": "1h", "nbx.pause_until": "1h" }"#)
  }

  @Test func `a consumer that was woken is not put to sleep again, unless it is edited`() throws {
    let woken = ValueMap([("name", "billing"), ("metadata", ["nbx.pause_until": "1h"] as Value)])
    let wanted = ValueMap([("pause_until", hour)])
    #expect(try settled(wanted, like: woken)["pause_until"] == nil)
    #expect(RelativeTimes.filled(wanted, like: woken, isPausedAnew: true)["pause_until"] != nil)
  }

  @Test func `a mirror and sources keep their starts, each its own`() throws {
    let kept = Value.map(ValueMap([("name", "A"), ("opt_start_time", "2026-11-22T12:00:00Z")]))
    let other = Value.map(ValueMap([("name", "B"), ("opt_start_time", "2026-11-22T13:00:00Z")]))
    let wanted = Value.map(ValueMap([("name", "A"), ("opt_start_time", hour)]))
    let second = Value.map(ValueMap([("name", "B"), ("opt_start_time", hour)]))
    let mirror = try settled(
      ValueMap([("mirror", wanted)]), like: ValueMap([("mirror", kept), ("metadata", ["nbx.mirror": "1h"] as Value)]))
    #expect(mirror["mirror"]?.json().string == kept.json().string)
    let sources = try settled(
      ValueMap([("sources", .list([second, wanted]))]),
      like: ValueMap([("sources", .list([kept, other])), ("metadata", ["nbx.sources": "A 1h, B 1h"] as Value)]))
    #expect(sources["sources"]?.json().string == Value.list([other, kept]).json().string)
  }

  @Test func `a moment that is told leaves no words behind`() {
    let present = ValueMap([
      ("mirror", ["name": "A", "opt_start_time": "2026-11-22T12:00:00Z"] as Value),
      ("metadata", ["nbx.mirror": "1h", "own": "x"] as Value),
    ])
    let told = ValueMap([("mirror", ["name": "A", "opt_start_time": "2026-11-23T12:00:00Z"] as Value)])
    #expect(RelativeTimes.merged(present, with: told)["metadata"]?.shown() == #"{ own: "x" }"#)
    let same = ValueMap([("mirror", present["mirror"] ?? .null)])
    #expect(json(RelativeTimes.merged(present, with: same)["metadata"]?.entries) == json(present["metadata"]?.entries))
  }
}
