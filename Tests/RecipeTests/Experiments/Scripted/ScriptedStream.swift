import Interpreter

/// A stream of the scripted supercluster. Its messages are there once, as its copies agree on them: what matters is who may
/// add to them, and whom they can be read from.
struct ScriptedStream {
  /// What `stream add` and `kv add` say of it.
  struct Configuration: Equatable {
    var name: String
    var subjects: [String]
    var sources: [String] = []
    var replicas: Int
    var cluster: String
    var tag: String?
    /// How many messages of each subject stay.
    var keptPerSubject: Int?
    /// A message goes once it is acknowledged.
    var isQueue = false
  }

  struct Message {
    let subject: String
    let data: String
    let sequence: Int
    let time: TimeValue
    var operation = "PUT"
    /// When it goes by itself.
    var end: TimeValue?
    var size = 0
  }

  let configuration: Configuration
  /// The servers that hold it.
  let copies: [String]
  var leader: String?
  /// How often somebody asks in vain until the copies have chosen a new leader. By this, not by a clock, an election takes
  /// as long on a busy machine as on an idle one.
  var asksUntilElected = 0
  private(set) var messages: [Message] = []
  private var lastSequence = 0
  /// How many messages of each origin have been collected.
  var collected: [String: Int] = [:]
  /// Until when the link is busy with what was collected last.
  var busyUntil: Int64 = 0
  /// What each consumer has handed out: up to this sequence.
  var consumers: [String: Int] = [:]
  /// The server of each consumer that has one copy, however many the stream has.
  var alone: [String: String] = [:]

  static let electionAsks = 5

  init(_ configuration: Configuration, copies: [String], leader: String) {
    self.configuration = configuration
    self.copies = copies
    self.leader = leader
  }

  /// - Returns: its sequence.
  mutating func store(
    _ subject: String, _ data: String, operation: String = "PUT", lifetime: DurationValue? = nil, size: Int = 0
  ) -> Int {
    lastSequence += 1
    // From the message's own time on: what is told of both is compared.
    let time = TimeValue.now
    let end = lifetime.map { TimeValue(nanoseconds: time.nanoseconds + $0.nanoseconds) }
    messages.append(
      Message(
        subject: subject, data: data, sequence: lastSequence, time: time, operation: operation, end: end,
        size: size))
    if let kept = configuration.keptPerSubject {
      let own = messages.filter { $0.subject == subject }
      for old in own.dropLast(kept) { messages.removeAll { $0.sequence == old.sequence } }
    }
    return lastSequence
  }

  /// What has lived long enough goes, and a marker takes its place.
  mutating func expire() {
    for old in messages where old.end.map({ $0 <= .now }) ?? false {
      messages.removeAll { $0.sequence == old.sequence }
      _ = store(old.subject, "", operation: "PURGE")
    }
  }

  mutating func remove(_ sequences: Set<Int>) { messages.removeAll { sequences.contains($0.sequence) } }

  func last(of subject: String) -> Message? { messages.last { $0.subject == subject } }

  func takes(_ subject: String) -> Bool { configuration.subjects.contains { Self.matches(subject, $0) } }

  /// Whether a subject is one of those that a pattern with `*` and `>` stands for.
  static func matches(_ subject: String, _ pattern: String) -> Bool {
    let (words, wanted) = (subject.split(separator: "."), pattern.split(separator: "."))
    for (index, word) in wanted.enumerated() {
      if word == ">" { return words.count > index }
      guard index < words.count, word == "*" || word == words[index] else { return false }
    }
    return words.count == wanted.count
  }
}
