import Foundation
import NATS
import TestSupport
import Testing

@Suite(.serialized, .mayWait) struct ClusterTests {
  private var limit: Limit { .within(patience) }

  @Test func everyServerAnswersAndAReplicatedStreamFindsItsLeader() throws {
    let account = try TestAccount(on: .cluster)
    let system = try Connection.connect(.init(urls: account.server.url("sys")), limit: limit)
    defer { system.close() }
    // With an expected number the call ends with the last answer; routes may still be forming, so it is asked again.
    let answers = try eventually {
      try ServerPing(system).ask(until: .init(expected: 3), limit: .within(.seconds(2)))
    } where: {
      $0.count == 3
    }
    struct Answer: Decodable {
      struct Server: Decodable { var name: String }
      var server: Server
    }
    let names = try answers.map { try JSONDecoder().decode(Answer.self, from: Data($0.bytes)).server.name }
    #expect(names.sorted() == account.servers.map(\.name))
    #expect(answers.allSatisfy { $0.roundTrip > 0 })

    for question in ServerPing.Question.allCases where question != .identity {
      let found = try ServerPing(system).ask(
        question, filter: Array(#"{"server_name":"shared-1"}"#.utf8), until: .init(expected: 1), limit: limit)
      #expect(found.count == 1)
      #expect(String(decoding: found[0].bytes, as: UTF8.self).contains("\"shared-1\""), "\(question)")
    }

    let identities = try ServerPing(system).ask(.identity, until: .init(expected: 3), limit: limit)
    #expect(identities.count == 3)

    let connection = try Connection.connect(
      .init(urls: "nats://\(account.name):\(account.name)@127.0.0.1:\(account.servers[1].port)"), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    // 10005: not enough servers have joined the meta group yet.
    try untilItSucceeds {
      try jetStream.requestWhenReady(
        "STREAM.CREATE.R3", Array(#"{"name":"R3","subjects":["r3"],"num_replicas":3}"#.utf8), limit: limit)
    }
    _ = try jetStream.waitForLeader(ofStream: "R3", limit: limit)
    #expect(try jetStream.publish("r3", limit: limit).sequence == 1)
  }

  @Test func aUserOutsideTheSystemAccountIsTold() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    #expect(throws: NATSError.noResponders(server: connection.server, subject: "$SYS.REQ.SERVER.PING")) {
      _ = try ServerPing(connection).ask(until: .init(expected: 1), limit: limit)
    }
  }
}
