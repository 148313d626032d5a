import NATS
import SandboxSystem
import ValuesAndCommands
import Verdicts

/// Reads what each replica of a stream holds, by itself.
///
/// No request names the replica that is to answer it. But a consumer with one replica lives with one of its stream's,
/// says which, and reads that one's store: so consumers are made until there was one on each. A stream that gives
/// messages away, such as a work queue, allows no such consumer: of it the leader alone is read.
struct ReplicaReader {
  private let client: HistoryClient
  private let stream: String
  private let call: NatsCall
  private let settling: Duration

  /// A replica of three is missed in one of a million recordings.
  private static let tries = 36
  /// Nobody is asked in vain many times within a moment.
  private static let pause = Duration.milliseconds(100)
  private static let batch = 500

  init(_ client: HistoryClient, stream: String, _ call: NatsCall, settling: Duration) {
    self.client = client
    self.stream = stream
    self.call = call
    self.settling = settling
  }

  private struct Group {
    var leader: String
    /// All, the leader among them.
    var names: [String]
    var offline: [String]
    var isCurrent: Bool
    var keepsAll: Bool
  }

  /// Notes every message from that sequence on that each replica holds, and which replicas could be read.
  ///
  /// - Returns: their names.
  func read(from first: UInt64) -> [String] {
    let end = ContinuousClock.now + settling
    guard let group = settled(until: end) else {
      note(scan: stream, "no server told of its replicas")
      return []
    }
    guard group.keepsAll else {
      for name in group.offline { note(scan: name, "it is offline") }
      for name in group.names where name != group.leader && !group.offline.contains(name) {
        note(scan: name, "of a stream that gives its messages away the leader alone can be read")
      }
      return readLeader(group.leader, from: first) ? [group.leader] : []
    }
    var left = Set(group.names)
    var done: [String] = []
    var last = "no consumer was put there"
    var tries = 0
    // Servers that have just come back refuse consumers for a while, or give them to those alone that were never away.
    while !left.isEmpty, tries < Self.tries || .now < end, !call.limit().isOver {
      tries += 1
      do throws(NATSError) {
        if let name = try readOne(of: left, from: first, group) {
          left.remove(name)
          done.append(name)
        } else if tries > Self.tries {
          Pause.sleep(Self.pause)
        }
      } catch {
        last = error.reason
        Pause.sleep(Self.pause)
      }
    }
    for name in left.sorted() { note(scan: name, group.offline.contains(name) ? "it is offline" : last) }
    return done.sorted()
  }

  /// An interrupt ends it; that the block behind `during` is over does not.
  private var limit: Limit { call.limit().atMost(.seconds(10)) }

  /// The stream's replicas, once all of them know what the leader does, or when the time for that is over.
  private func settled(until end: ContinuousClock.Instant) -> Group? {
    var found: Group?
    repeat {
      if let group = group() {
        found = group
        if group.isCurrent { break }
      }
      Pause.sleep(.milliseconds(50))
    } while ContinuousClock.now < end && !call.limit().isOver
    return found
  }

  private func group() -> Group? {
    guard let answer = try? client.jetStream.request("STREAM.INFO.\(stream)", limit: limit.atMost(.seconds(2))),
      let info = try? Value.json(answer).entries
    else { return nil }
    let retention = info["config"]?.entries["retention"]?.asText?.string
    let keepsAll = retention == nil || retention == "limits"
    guard let cluster = info["cluster"]?.entries, let leader = cluster["leader"]?.asText?.string, !leader.isEmpty else {
      if info["cluster"] != nil { return nil }
      let name = client.connection.info.serverName
      return Group(leader: name, names: [name], offline: [], isCurrent: true, keepsAll: keepsAll)
    }
    let others = (cluster["replicas"]?.elements ?? []).map(\.entries)
    func isTrue(_ value: Value?) -> Bool { if case .bool(true) = value { true } else { false } }
    let names = others.compactMap { $0["name"]?.asText?.string }
    return Group(
      leader: leader, names: [leader] + names,
      offline: others.filter { isTrue($0["offline"]) }.compactMap { $0["name"]?.asText?.string },
      isCurrent: others.allSatisfy { isTrue($0["current"]) && ($0["lag"]?.amount ?? 0) == 0 }, keepsAll: keepsAll)
  }

  /// Makes a consumer, and reads all that it has if it lives with one of `wanted`.
  ///
  /// - Returns: with which.
  private func readOne(
    of wanted: Set<String>, from first: UInt64, _ group: Group
  ) throws(NATSError) -> String? {
    let begin = client.log.now
    let consumer = "history-\(UInt64.random(in: 0 ... .max))"
    let question: Value = [
      "stream_name": .string(stream),
      "config": [
        "name": .string(consumer), "ack_policy": "none", "deliver_policy": "by_start_sequence",
        "opt_start_seq": .int(Int64(clamping: max(1, first))), "num_replicas": 1, "mem_storage": true, "max_deliver": 1,
        "inactive_threshold": .int(30_000_000_000),
      ],
    ]
    let answer = try client.jetStream.request(
      "CONSUMER.CREATE.\(stream).\(consumer)", NatsReply.document(question), limit: limit)
    defer {
      _ = try? client.jetStream.request("CONSUMER.DELETE.\(stream).\(consumer)", limit: .within(.seconds(2)))
    }
    let reply = (try? Value.json(answer).entries) ?? ValueMap()
    let name = reply["cluster"]?.entries["leader"]?.asText?.string ?? group.leader
    guard wanted.contains(name) else { return nil }
    var left = Int(reply["num_pending"]?.amount ?? 0)
    var held: [StoredMessage] = []
    while left > 0 {
      let batch = try client.jetStream.fetch(
        min(left, Self.batch), from: consumer, of: stream, wait: .seconds(5), limit: limit)
      guard let last = batch.messages.last else {
        throw batch.problem ?? .timedOut(.message(subject: stream), server: client.connection.server)
      }
      held += batch.messages.map(\.message)
      left = Int(clamping: last.pending)
    }
    for message in held { note(message, of: name, begin: begin) }
    note(scan: name, begin: begin)
    return name
  }

  private func readLeader(_ leader: String, from first: UInt64) -> Bool {
    let begin = client.log.now
    var next = max(1, first)
    do throws(NATSError) {
      while let message = try client.jetStream.storedMessage(.from(next), in: stream, limit: limit) {
        note(message, of: leader, begin: begin)
        next = message.sequence + 1
      }
      note(scan: leader, begin: begin)
      return true
    } catch {
      note(scan: leader, error.reason)
      return false
    }
  }

  private func note(_ message: StoredMessage, of replica: String, begin: Int64) {
    client.log.add(
      History.Operation(
        .hold, client: client.name, region: client.region, begin: begin, end: client.log.now, key: message.subject,
        value: String(decoding: message.payload, as: UTF8.self), sequence: message.sequence, by: replica))
  }

  private func note(scan replica: String, _ problem: String? = nil, begin: Int64? = nil) {
    let now = client.log.now
    client.log.add(
      History.Operation(
        .scan, client: client.name, region: client.region, begin: begin ?? now, end: now, by: replica,
        told: problem == nil ? .ok : .unknown, why: problem))
  }
}
