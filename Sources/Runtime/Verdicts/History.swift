/// What clients did with a stream, a bucket or a queue, and what each of them was told.
///
/// A client does one thing after the other; what several do overlaps. All times are those of one clock, in nanoseconds
/// from the recording's start.
package struct History: Sendable, Equatable {
  /// What the clients worked on.
  package enum Workload: String, Sendable, CaseIterable {
    /// Published into a stream.
    case stream
    /// Wrote and read the keys of a bucket.
    case kv
    /// Published into a work queue and took from it.
    case queue
  }

  package var workload: Workload
  /// The stream, the bucket, or the stream of the queue.
  package var name: String
  package var operations: [Operation]
  /// Whether the recording came to its end. Of one that did not, what was under way is not known.
  package var isWhole: Bool

  package init(_ workload: Workload, _ name: String = "", _ operations: [Operation] = [], isWhole: Bool = true) {
    self.workload = workload
    self.name = name
    self.operations = operations
    self.isWhole = isWhole
  }
}

extension History {
  /// One thing that a client did.
  package struct Operation: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
      /// Publishes a value, or puts it under a key.
      case write
      /// Takes a message of a stream, or what a key holds.
      case read
      /// Puts a value under a key that is still at a revision.
      case cas
      /// Is handed a message of a queue.
      case consume
      /// Says that a message of a queue is done, and waits until the queue knows.
      case ack
      /// A message that one replica held when all was over.
      case hold
      /// One replica was read from its first message to its last when all was over.
      case scan
    }

    /// What the client was told.
    package enum Told: String, Sendable, CaseIterable {
      /// It was done.
      case ok
      /// It was not done.
      case refused
      /// Nothing, so that it may have been done at any time since, or never.
      case unknown
    }

    package var client: String
    /// The region whose servers the client is with.
    package var region: String
    /// When it was begun, in nanoseconds from the start.
    package var begin: Int64
    /// When the client was told, or gave up; nil if neither happened.
    package var end: Int64?
    package var kind: Kind
    /// The subject, or the bucket's key.
    package var key: String
    /// What was to be written, or what was read; nil where there was nothing.
    package var value: String?
    /// The revision that a `cas` wants the key to be at; 0: that it was never written.
    package var expected: UInt64?
    /// The message's place in its stream, which is a key's revision, if the client was told.
    package var sequence: UInt64?
    /// How often the message was handed out by then.
    package var deliveries: UInt64?
    /// The server that told it; of a `hold` and a `scan` the replica.
    package var by: String?
    package var told: Told
    /// Why it was refused, or why nobody knows.
    package var why: String?

    package init(
      _ kind: Kind, client: String, region: String = "", begin: Int64, end: Int64? = nil, key: String = "",
      value: String? = nil, expected: UInt64? = nil, sequence: UInt64? = nil, deliveries: UInt64? = nil,
      by: String? = nil, told: Told = .ok, why: String? = nil
    ) {
      self.kind = kind
      self.client = client
      self.region = region
      self.begin = begin
      self.end = end
      self.key = key
      self.value = value
      self.expected = expected
      self.sequence = sequence
      self.deliveries = deliveries
      self.by = by
      self.told = told
      self.why = why
    }
  }
}

extension History.Operation {
  /// Whether it would put a value somewhere.
  var isWrite: Bool { kind == .write || kind == .cas }

  /// When it was certainly over: what was told of nothing may take effect at any time.
  var certainEnd: Int64 { told == .ok ? max(begin, end ?? .max) : .max }
}

extension History.Operation: CustomStringConvertible {
  /// Such as `1.204s to 1.210s c1-0 write a "c1-0.17": ok, 18, by c2-js-0`.
  package var description: String {
    var text = Self.seconds(begin)
    if let end, end != begin { text += " to \(Self.seconds(end))" }
    text += " \(client) \(kind.rawValue)"
    if !key.isEmpty { text += " \(key)" }
    if let expected { text += " at \(expected)" }
    if let value { text += " \"\(value)\"" } else if kind == .read, told == .ok { text += " nothing" }
    text += ": \(told.rawValue)"
    if let sequence { text += ", \(sequence)" }
    if let deliveries, deliveries > 1 { text += ", delivery \(deliveries)" }
    if let by { text += ", by \(by)" }
    if let why { text += " (\(why))" }
    return text
  }

  /// To the microsecond, by whole numbers alone.
  private static func seconds(_ nanoseconds: Int64) -> String {
    let microseconds = nanoseconds.magnitude / 1000
    let fraction = String(microseconds % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    return "\(nanoseconds < 0 ? "-" : "")\(microseconds / 1_000_000).\(zeros)\(fraction)s"
  }
}
