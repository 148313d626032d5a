import Interpreter
import TestSupport
import Testing

@Suite(.mayWait) struct LocalConfigurationTests {
  /// The text of the first pod, which the server has to accept.
  private func text(_ config: Value, accepted: Bool = true) throws -> String {
    let text = try renderedRelease(config: config).localText()
    if accepted { #expect(try complaint(about: text) == nil) }
    return text
  }

  @Test func everyListenerIsOnThisMachineAndOnItsPromisedPort() throws {
    let on: Value = ["enabled": true]
    let text = try text([
      "cluster": on, "gateway": on, "jetstream": on, "leafnodes": on, "websocket": on, "mqtt": on, "profiling": on,
      "merge": ["system_account": "$SYS", "accounts": ["$SYS": [:]], "host": "0.0.0.0"],
    ])
    let listening = text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter {
      $0.hasPrefix("listen") || $0.hasPrefix("http") || $0.hasPrefix("prof") || $0.hasPrefix("port")
        || $0.hasPrefix("host")
    }
    #expect(
      listening == [
        "listen: \"127.0.0.1:21101\"", "listen: \"127.0.0.1:21105\"", "listen: \"127.0.0.1:21106\"",
        "listen: \"127.0.0.1:21107\"", "listen: \"127.0.0.1:21102\"", "listen: \"127.0.0.1:21103\"",
        "http: \"127.0.0.1:21104\"", "prof_port: 21108",
      ])
  }

  @Test func addressesMergedOverAreReplacedWhateverTheirNamesAndCase() throws {
    let text = try text([
      "merge": [
        "LISTEN": "0.0.0.0:4333", "Client_Advertise": "c1.example.org:4333", "monitor_port": 8333,
        "leaf": ["listen": "0.0.0.0:7433", "advertise": "c1-nats-0.c1-nats-headless:7433"],
        "system_account": "$SYS", "accounts": ["$SYS": [:]],
      ], "monitor": ["enabled": false],
    ])
    #expect(
      text == """
        server_name: "c1-nats-0"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/pods/c1-nats-0/nats.pid"
        listen: "127.0.0.1:21101"
        client_advertise: "127.0.0.1:21101"
        http: "127.0.0.1:21104"
        leaf: {
          listen: "127.0.0.1:21105"
          advertise: "127.0.0.1:21105"
        }
        system_account: "$SYS"
        accounts: {
          "$SYS": {}
        }

        """)
  }

  @Test func aLeafnodeFindsItsHub() throws {
    let text = try text([
      "leafnodes": [
        "enabled": true,
        "merge": [
          "remotes": [
            ["urls": ["nats-leaf://js:js@c2-nats-0.c2-nats-headless-c2:7422", "ws://c2-nats-c2:8080/leaf"]],
            ["url": "nats-leaf://js:js@c1-nats-1.c1-nats-headless"], ["url": "nats-leaf://10.0.0.1:7422"],
          ]
        ],
      ]
    ])
    #expect(
      text.contains(
        """
        leafnodes: {
          listen: "127.0.0.1:21105"
          no_advertise: true
          remotes: [
            {
              urls: [
                "nats-leaf://js:js@127.0.0.1:22105"
                "ws://127.0.0.1:22106/leaf"
              ]
            }
            {
              url: "nats-leaf://js:js@127.0.0.1:21115"
            }
            {
              url: "nats-leaf://10.0.0.1:7422"
            }
          ]
        }

        """))
  }

  @Test func `a variable in the place of a URL is what it stands for, or the server's own affair`() throws {
    let url: Value = "<< $HUB >>"
    let config: Value = [
      "cluster": ["enabled": true, "merge": ["routes": ["<< $ROUTE >>", "<< $KEPT >>"]]],
      "gateway": ["enabled": true, "merge": ["gateways": [["name": "c2", "url": "<< $GATE >>"]]]],
      "leafnodes": ["enabled": true, "merge": ["remotes": [["url": url], ["urls": [url, "<< $KEPT >>"]]]]],
    ]
    let text = try renderedRelease(
      config: config,
      others: valueMap([
        "container": [
          "env": [
            "HUB": "nats-leaf://js:js@c2-nats-0.c2-nats-headless-c2:7422", "GATE": "nats://c2-nats-c2:7222",
            "ROUTE": "\"nats://c1-nats-1.c1-nats-headless:6222\"", "KEPT": ["valueFrom": [:]],
          ]
        ]
      ])
    ).localText()
    #expect(text.contains("url: \"nats-leaf://js:js@127.0.0.1:22105\"\n"), "\(text)")
    #expect(text.contains("\"nats-leaf://js:js@127.0.0.1:22105\"\n") && text.contains("$KEPT\n"))
    #expect(text.contains("\"nats://127.0.0.1:") && !text.contains("$GATE") && !text.contains("$ROUTE"), "\(text)")
  }

  @Test func aLeafnodeThatOnlyDialsDoesNotListen() throws {
    let text = try text(["merge": ["leafnodes": ["remotes": [["url": "nats-leaf://c2-nats-c2:7422"]]]]])
    #expect(text.contains("leafnodes: {\n  remotes: ["))
  }

  @Test func filesLieInThePodsOwnFolders() throws {
    let text = try text(
      [
        "jetstream": ["enabled": true, "fileStore": ["enabled": false], "memoryStore": ["enabled": true]],
        "resolver": ["enabled": true, "merge": ["type": "full"]],
        "merge": ["log_file": "/var/log/nats.log", "tls_note": "/etc/nats/stays"],
      ], accepted: false)
    #expect(text.contains("max_file_store: 0\n  store_dir: \"/store/c1-nats-0\"\n"))
    #expect(text.contains("resolver: {\n  dir: \"/pods/c1-nats-0/jwt\"\n  type: \"full\"\n}"))
    #expect(text.contains("log_file: \"/pods/c1-nats-0/nats.log\"\n"))
    #expect(text.contains("\"/etc/nats/stays\""))
    let short = try self.text(["merge": ["jetstream": "enabled"]])
    #expect(short.contains("jetstream: {\n  store_dir: \"/store/c1-nats-0\"\n}"))
    let off = try self.text(["merge": ["jetstream": "disabled"]])
    #expect(off.contains("jetstream: \"disabled\"\n"))
  }

  @Test func aStretchedGatewayAdvertisesTheServerOfItsOrdinal() throws {
    let release = try Supercluster.release("c2-js", in: "c2")
    for ordinal in 0..<3 {
      #expect(try release.localText(pod: ordinal).contains("advertise: \"127.0.0.1:223\(ordinal)3\"\n"))
    }
  }

  @Test(
    arguments: [
      (
        [
          "gateway": [
            "enabled": true, "merge": ["gateways": [["name": "x", "urls": ["nats://nats.example.com:7222"]]]],
          ]
        ],
        "gateway.gateways[0].urls[0]: nats.example.com is the name of no server in the clusters c1, c2, c3"
      ),
      (
        ["cluster": ["enabled": true, "merge": ["routes": ["nats://c1-nats-0.c1-nats-headless"]]]],
        "cluster.routes[0] names no port: nats://c1-nats-0.c1-nats-headless"
      ),
      (
        ["cluster": ["enabled": true, "merge": ["routes": ["nats://c1-nats-0.c1-nats-headless:x"]]]],
        "cluster.routes[0] is no URL of a server: nats://c1-nats-0.c1-nats-headless:x"
      ),
      (
        ["cluster": ["enabled": true, "merge": ["routes": ["nats://u:hunter/2@c1-nats-0.c1-nats-headless:6222"]]]],
        "cluster.routes[0] is no URL of a server: nats://•••@c1-nats-0.c1-nats-headless:6222"
      ),
      (
        ["cluster": ["enabled": true, "merge": ["routes": ["nats://hunter?2@c1-nats-0.c1-nats-headless:6222"]]]],
        "cluster.routes[0] is no URL of a server: nats://•••@c1-nats-0.c1-nats-headless:6222"
      ),
      (
        ["gateway": ["enabled": true, "merge": ["advertise": "k3d-c4-server-0:7222"]]],
        "gateway.advertise: k3d-c4-server-0 is the name of no server in the clusters c1, c2, c3"
      ),
      (
        ["leafnodes": ["enabled": true, "merge": ["remotes": [["url": "nats-leaf://hub"]]]]],
        "leafnodes.remotes[0].url: hub is the name of no server in the clusters c1, c2, c3"
      ),
    ] as [(Value, String)])
  func problemsNameTheirPlace(_ config: Value, _ message: String) throws {
    let rendered = try renderedRelease(config: config)
    #expect(try chartProblem { _ = try rendered.localText() }.message == message)
  }
}
