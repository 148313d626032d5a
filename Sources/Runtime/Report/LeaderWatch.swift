import Interpreter
import NATS
import SandboxNats
import SandboxSystem

/// Listens while a run goes on to whom JetStream says to lead its streams, its consumers and itself.
package final class LeaderWatch: Sendable {
  private let stop: StopSignal
  private let threads: [LaneThread]

  /// How often it looks whether there are servers by now.
  private static let pause = Duration.milliseconds(250)

  /// - Parameter addresses: where servers are, as far as that is known; asked again and again until there are some.
  package init(
    _ recorder: RunRecorder, addresses: @escaping @Sendable () -> [(host: String, port: Int)]
  ) {
    let stop = StopSignal()
    self.stop = stop
    let accounts = NatsAccounts()
    let topics: [(login: NatsAccounts.Login, subject: String)] = [
      (accounts.jetStream, "$JS.EVENT.ADVISORY.*.LEADER_ELECTED.>"),
      (accounts.system, "$JS.EVENT.ADVISORY.DOMAIN.LEADER_ELECTED"),
    ]
    threads = topics.compactMap { topic in
      LaneThread.start(isDeep: false) {
        while stop.request == .none {
          LeaderWatch.listen(topic.subject, topic.login, addresses(), recorder, stop)
          if stop.request == .none { Pause.sleep(LeaderWatch.pause) }
        }
      }
    }
  }

  /// Ends it, and waits for that.
  package func end() {
    stop.ask(.kill)
    for thread in threads { thread.join() }
  }

  /// Listens until it is to end. Where a server goes the connection finds the next one; what is said meanwhile is missed.
  private static func listen(
    _ subject: String, _ login: NatsAccounts.Login, _ addresses: [(host: String, port: Int)], _ recorder: RunRecorder,
    _ stop: StopSignal
  ) {
    let endpoints = addresses.compactMap { address in
      UInt16(exactly: address.port).map { Endpoint(host: address.host, port: $0) }
    }
    guard !endpoints.isEmpty else { return }
    let options = Connection.Options(endpoints, credentials: .user(login.user, password: login.password))
    guard let connection = try? Connection.connect(options, limit: .within(.seconds(5), stop: stop)) else { return }
    defer { connection.close() }
    guard let subscription = try? connection.subscribe(subject) else { return }
    while let message = try? subscription.next(limit: Limit(until: nil, stop: stop)) {
      guard let told = try? Value.json(message.payload).entries, let leader = told["leader"]?.asText?.masked else {
        continue
      }
      let names = ["stream", "consumer"].compactMap { told[$0]?.asText?.masked }
      if names.isEmpty {
        recorder.noteLeader(metaLeader(connection, stop) ?? leader, of: "JetStream", at: message.receivedAt)
      } else {
        recorder.noteLeader(leader, of: names.joined(separator: " "), at: message.receivedAt)
      }
    }
  }

  /// JetStream's own leader by its name: the advisory has a number of its own for it. Nil if no server knows it so soon.
  private static func metaLeader(_ connection: Connection, _ stop: StopSignal) -> String? {
    let answers = try? connection.requestMany(
      "$SYS.REQ.SERVER.PING.JSZ", until: .init(quiet: .milliseconds(200)), limit: .within(.seconds(2), stop: stop))
    return (answers ?? []).lazy.compactMap { answer in
      (try? Value.json(answer.payload))?.entries[path: "data.meta_cluster.leader"].asText?.masked
    }.first { !$0.isEmpty }
  }
}
