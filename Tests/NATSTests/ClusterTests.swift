import Foundation
import NATS
import TestSupport
import Testing

/// Three servers that know each other by their routes.
private struct Cluster {
  let servers: [TestServer]

  init() throws {
    let ports = try (0..<3).map { _ in try TestServer.freePort() }
    let routes = ports.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
    servers = try ports.enumerated().map { index, port in
      try TestServer(
        name: "n\(index)", extra: "cluster { name: test, listen: \"127.0.0.1:\(port)\", routes: [\(routes)] }")
    }
  }

  func stop() { for server in servers { server.stop() } }
}

@Suite(.serialized, .mayWait) struct ClusterTests {
  private let limit = WaitLimit.within(.seconds(120))

  @Test func everyServerAnswersAndAReplicatedStreamFindsItsLeader() throws {
    let cluster = try Cluster()
    defer { cluster.stop() }
    let system = try Connection.connect(.init(urls: cluster.servers[0].url("sys")), limit: limit)
    defer { system.close() }
    // With an expected number the call ends with the last answer; routes may still be forming, so it is asked again.
    var answers: [ServerPing.Answer] = []
    while limit.deadline > .now, answers.count < 3 {
      answers = try ServerPing(system).ask(until: .init(expected: 3), limit: .within(.seconds(2)))
    }
    struct Answer: Decodable {
      struct Server: Decodable { var name: String }
      var server: Server
    }
    let names = try answers.map { try JSONDecoder().decode(Answer.self, from: Data($0.bytes)).server.name }
    #expect(names.sorted() == ["n0", "n1", "n2"])
    #expect(answers.allSatisfy { $0.roundTrip > 0 })

    for question in ServerPing.Question.allCases where question != .identity {
      let found = try ServerPing(system).ask(
        question, filter: Array(#"{"server_name":"n1"}"#.utf8), until: .init(expected: 1), limit: limit)
      #expect(found.count == 1)
      #expect(String(decoding: found[0].bytes, as: UTF8.self).contains("\"n1\""), "\(question)")
    }

    let identities = try ServerPing(system).ask(.identity, until: .init(expected: 3), limit: limit)
    #expect(identities.count == 3)

    let connection = try Connection.connect(.init(urls: cluster.servers[1].url()), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    var created = false
    // 10005: not enough servers have joined the meta group yet.
    while !created {
      do throws(NATSError) {
        _ = try jetStream.requestWhenReady(
          "STREAM.CREATE.R3", Array(#"{"name":"R3","subjects":["r3"],"num_replicas":3}"#.utf8), limit: limit)
        created = true
      } catch {
        guard case .api(let refusal) = error, refusal.errorCode == 10005, limit.deadline > .now else { throw error }
        usleep(100_000)
      }
    }
    _ = try jetStream.waitForLeader(ofStream: "R3", limit: limit)
    #expect(try jetStream.publish("r3", limit: limit).sequence == 1)
  }

  @Test func aUserOutsideTheSystemAccountIsTold() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try Connection.connect(.init(urls: server.url()), limit: limit)
    defer { connection.close() }
    #expect(throws: NATSError.noResponders(server: connection.server, subject: "$SYS.REQ.SERVER.PING")) {
      _ = try ServerPing(connection).ask(until: .init(expected: 1), limit: limit)
    }
  }
}
