import Interpreter
import NATS

/// Times that a recipe tells from now on, as `--deliver 1h`; in a configuration they stand as durations. They mean another
/// moment each time that it runs, so a consumer or a stream that is there keeps the moment that it was made with.
enum RelativeTimes {
  /// Whether the field tells how long ago or in how long.
  private static let fields: [(name: String, isPast: Bool)] = [("opt_start_time", true), ("pause_until", false)]

  static func areIn(_ configuration: ValueMap) -> Bool {
    configuration.contains { key, value in
      switch value {
      case .duration: fields.contains { $0.name == key }
      case .map(let origin) where key == "mirror": areIn(origin)
      case .list(let origins) where key == "sources": origins.contains { areIn($0.entries) }
      default: false
      }
    }
  }

  /// The configuration with moments in their place: those of what is there already, else as seen from now.
  static func settled(_ configuration: ValueMap, like present: ValueMap?) -> ValueMap {
    var settled = configuration
    for (name, isPast) in fields {
      guard case .duration(let distance)? = configuration[name] else { continue }
      // One that is there and has no pause was woken: it is not put to sleep again.
      if let present, present[name] != nil || !isPast {
        settled[name] = present[name]
      } else {
        let now = TimeValue.now.nanoseconds
        let moment = isPast ? now - distance.nanoseconds : now + distance.nanoseconds
        settled[name] = .string(Timestamp.rfc3339(nanoseconds: moment))
      }
    }
    if case .map(let mirror)? = configuration["mirror"] {
      settled["mirror"] = .map(Self.settled(mirror, like: present?["mirror"]?.entries))
    }
    if case .list(let sources)? = configuration["sources"] {
      let there = present?["sources"]?.elements?.map(\.entries) ?? []
      settled["sources"] = .list(
        sources.map { source in
          let origin = source.entries
          let same = there.first {
            $0["name"]?.printed == origin["name"]?.printed
              && $0["filter_subject"]?.printed == origin["filter_subject"]?.printed
          }
          return .map(Self.settled(origin, like: same))
        })
    }
    return settled
  }
}
