import Interpreter
import NATS

extension TimeValue {
  /// Reads `2026-11-22T12:00:34.841194570Z`; nil for what is no time.
  init?(rfc3339 text: String) {
    guard let nanoseconds = Timestamp.nanoseconds(rfc3339: text) else { return nil }
    self.init(nanoseconds: nanoseconds)
  }
}
