import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// A release that is said to be there is there, and works as before.
@Suite(.serialized, .mayWait) struct KeptReleaseTests {
  private static let accounts: Value = [
    "accounts": [
      "$SYS": ["users": [["user": "sys", "password": "sys"]]],
      "JS": ["jetstream": "enabled", "users": [["user": "js", "password": "js"]]],
    ], "system_account": "$SYS",
  ]

  private static func values(_ merge: Value, jetStream: Bool) -> Value {
    let merged = Value.map(accounts.entries.merged(with: merge.entries))
    return [
      "config": [
        "cluster": ["enabled": true, "replicas": 2], "jetstream": ["enabled": .bool(jetStream)],
        "monitor": ["enabled": true], "merge": merged,
      ], "podTemplate": ["configChecksumAnnotation": false],
    ]
  }

  /// Whether JetStream answers the clients of a pod.
  private func answers(_ pod: Pod) -> Bool {
    guard let port = pod.record.port(.client),
      let connection = try? Connection.connect(
        .init(urls: "nats://js:js@127.0.0.1:\(port)"), limit: .within(.seconds(10)))
    else { return false }
    defer { connection.close() }
    return (try? JetStream(connection).request("INFO", limit: .within(.seconds(2)))) != nil
  }

  @Test func clientsOfAServerWithoutJetStreamKeepItThroughAnUpgrade() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let routes: Value = [
      "cluster": ["routes": ["nats://c1-js-nats-0.c1-js-nats-headless:6222"], "name": "c1"]
    ]
    try sandbox.install("c1-js", Self.values(["cluster": ["name": "c1"]], jetStream: true))
    try sandbox.install("c1", Self.values(routes, jetStream: false))
    let plain = sandbox.pods().filter { $0.statefulSet == "c1-nats" }
    try eventually { plain.allSatisfy(answers) }
    let storing = sandbox.processes().filter { $0.key.hasPrefix("c1-js") }

    let more = Value.map(routes.entries.merged(with: ValueMap([("max_payload", 4096)])))
    #expect(
      try sandbox.install("c1", Self.values(more, jetStream: false)).hasPrefix("Release \"c1\" has been upgraded"))
    let upgraded = sandbox.pods().filter { $0.statefulSet == "c1-nats" }
    try eventually { upgraded.allSatisfy(answers) }
    #expect(sandbox.processes().filter { $0.key.hasPrefix("c1-js") } == storing)

    // What does not work is not restarted into.
    let pids = sandbox.processes()
    let bad = Value.map(routes.entries.merged(with: ValueMap([("no_such_setting", true)])))
    let failure = try sandbox.failure(
      "helm upgrade c1 nats/nats --namespace nats", with: Self.values(bad, jetStream: false))
    #expect(failure.reason.string.contains("go on with the old one"))
    #expect(sandbox.processes() == pids)
  }

  @Test func aServerThatDiesBeforeItIsReadyIsNotInstalled() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    // It begins its work before it finds out that it has nobody to form a group with.
    let failure = try sandbox.failure(
      "helm upgrade --install c1 nats/nats --namespace nats --create-namespace",
      with: [
        "config": [
          "cluster": ["enabled": true, "replicas": 1, "merge": ["routes": []]], "jetstream": ["enabled": true],
        ]
      ])
    #expect(failure.reason.string.contains("ended right after its start"))
    #expect(failure.details.kind == "exit")
    #expect(failure.details.code == 1)
    #expect(try sandbox.text("helm status c1 -n nats").contains("STATUS: failed"))
  }

  @Test(arguments: [
    ("{}", false), (#"{"accounts":{"A":{}}}"#, false), (#"{"accounts":{"A":{"jetstream":"enabled"}}}"#, true),
    (#"{"accounts":{"A":{"jetstream":"disabled"}}}"#, false), (#"{"operator":"eyJ"}"#, true),
    (#"{"jetstream":{"store_dir":"x"},"accounts":{"A":{"jetstream":"enabled"}}}"#, false),
    (#"{"jetstream":{"enabled":false,"domain":"hub"},"accounts":{"A":{"jetstream":true}}}"#, true),
  ])
  func itIsKnownWhoLosesJetStreamByAReload(configuration: String, isLost: Bool) throws {
    let release = RenderedRelease(
      identity: ReleaseIdentity(cluster: "c1", namespace: "nats", name: "p"), statefulSet: "p",
      headlessService: "p-headless", clusterDomain: "cluster.local", imageTag: nil, replicas: 1,
      configuration: try Value.json(Array(configuration.utf8)).entries, ports: [:], pods: [])
    #expect(release.losesJetStreamByReload == isLost)
  }
}
