import Interpreter
import NATS
import Testing

@testable import SandboxRuntime

struct RelativeTimesTests {
  private func json(_ map: ValueMap) -> String { Value.map(map).json().string }

  private let hour = Value.duration(DurationValue(nanoseconds: 3_600_000_000_000))

  @Test func `what is there keeps the moment that it was made with`() {
    let present = ValueMap([("opt_start_time", "2026-11-22T12:00:00Z"), ("pause_until", "2026-11-22T13:00:00Z")])
    let wanted = ValueMap([("name", "billing"), ("opt_start_time", hour), ("pause_until", hour)])
    #expect(RelativeTimes.areIn(wanted))
    let settled = RelativeTimes.settled(wanted, like: present)
    #expect(json(settled) == json(ValueMap([("name", "billing")]).merged(with: present)))
  }

  @Test func `what is new gets its moments as seen from now`() throws {
    let before = TimeValue.now.nanoseconds
    let settled = RelativeTimes.settled(ValueMap([("opt_start_time", hour), ("pause_until", hour)]), like: nil)
    let after = TimeValue.now.nanoseconds
    let start = try #require(settled["opt_start_time"]?.asText.flatMap { TimeValue(rfc3339: $0.string) })
    let pause = try #require(settled["pause_until"]?.asText.flatMap { TimeValue(rfc3339: $0.string) })
    #expect((before - 3_600_000_000_000...after - 3_600_000_000_000).contains(start.nanoseconds))
    #expect((before + 3_600_000_000_000...after + 3_600_000_000_000).contains(pause.nanoseconds))
  }

  @Test func `a consumer that was woken is not put to sleep again`() {
    let settled = RelativeTimes.settled(ValueMap([("pause_until", hour)]), like: ValueMap([("name", "billing")]))
    #expect(settled["pause_until"] == nil)
  }

  @Test func `a mirror and sources keep their starts, each its own`() {
    let kept = Value.map(ValueMap([("name", "A"), ("opt_start_time", "2026-11-22T12:00:00Z")]))
    let wanted = Value.map(ValueMap([("name", "A"), ("opt_start_time", hour)]))
    let new = Value.map(ValueMap([("name", "B"), ("opt_start_time", hour)]))
    let mirror = RelativeTimes.settled(ValueMap([("mirror", wanted)]), like: ValueMap([("mirror", kept)]))
    #expect(mirror["mirror"]?.json().string == kept.json().string)
    let sources = RelativeTimes.settled(
      ValueMap([("sources", .list([new, wanted]))]), like: ValueMap([("sources", .list([kept]))]))
    let all = sources["sources"]?.elements ?? []
    #expect(all.last?.json().string == kept.json().string)
    let other = all.first?.entries["opt_start_time"]?.asText?.string ?? ""
    #expect(TimeValue(rfc3339: other) != nil, "\(other)")
  }
}
