import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

/// Configurations whose other regions are behind the relay: its ports are 10,000 above the servers' own here.
@Suite(.mayWait) struct RelayedConfigurationTests {
  /// The lines from the one that opens a block to the one that closes it.
  private func block(_ name: String, of text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let inner = lines.drop { $0 != "\(name): {" }.prefix { $0 != "}" }
    return inner.joined(separator: "\n")
  }

  @Test func `gateways go by the relay, as what they tell others would lead around it`() throws {
    let text = try Supercluster.release("c2-gw", in: "c2").localText(pod: 1, isRelayed: true)
    #expect(
      block("gateway", of: text) == """
        gateway: {
          listen: "127.0.0.1:22313"
          # The relay's port, where servers of other regions come in: link set and link cut act there.
          advertise: "127.0.0.1:32313"
          name: "c2"
          # At the relay's ports, those of this region, too: servers tell others what stands here.
          gateways: [
            {
              name: "c1"
              urls: [
                "nats://gwu:gwp@127.0.0.1:31303"
                "nats://gwu:gwp@127.0.0.1:31313"
                "nats://gwu:gwp@127.0.0.1:31323"
              ]
            }
            {
              name: "c2"
              urls: [
                "nats://gwu:gwp@127.0.0.1:32303"
                "nats://gwu:gwp@127.0.0.1:32313"
                "nats://gwu:gwp@127.0.0.1:32323"
              ]
            }
            {
              name: "c3"
              urls: [
                "nats://gwu:gwp@127.0.0.1:33303"
                "nats://gwu:gwp@127.0.0.1:33313"
                "nats://gwu:gwp@127.0.0.1:33323"
              ]
            }
            {
              name: "xr-js"
              urls: [
                "nats://127.0.0.1:32403"
                "nats://127.0.0.1:32413"
                "nats://127.0.0.1:32423"
              ]
            }
          ]
          authorization: {
            user: "gwu"
            password: "gwp"
          }
        """)
    #expect(block("cluster", of: text).contains("advertise: \"127.0.0.1:22312\""), "its NATS cluster is in one region")
    #expect(!block("cluster", of: text).contains("#"))
  }

  @Test func `routes of a stretched cluster go by the relay where they leave the region`() throws {
    let text = try Supercluster.release("xr-js", in: "c2").localText(pod: 2, isRelayed: true)
    #expect(
      block("cluster", of: text) == """
        cluster: {
          listen: "127.0.0.1:22422"
          # The relay's port, where servers of other regions come in: link set and link cut act there.
          advertise: "127.0.0.1:32422"
          name: "xr-js"
          no_advertise: true
          # Servers of this region at their own ports, those of others at the relay's.
          routes: [
            "nats://127.0.0.1:22402"
            "nats://127.0.0.1:22412"
            "nats://127.0.0.1:22422"
            "nats://127.0.0.1:31402"
            "nats://127.0.0.1:31412"
            "nats://127.0.0.1:31422"
            "nats://127.0.0.1:33402"
            "nats://127.0.0.1:33412"
            "nats://127.0.0.1:33422"
          ]
        """)
  }

  @Test func `what clients and people use is the server's own`() throws {
    let text = try Supercluster.release("c2", in: "c2").localText(isRelayed: true)
    for line in ["listen: \"127.0.0.1:22101\"", "client_advertise: \"127.0.0.1:22101\"", "http: \"127.0.0.1:22104\""] {
      #expect(text.contains(line))
    }
    let socket = try renderedRelease(config: [
      "websocket": ["enabled": true, "merge": ["advertise": "c1-nats-0.c1-nats-headless:8080"]]
    ]).localText(isRelayed: true)
    #expect(block("websocket", of: socket).contains("advertise: \"127.0.0.1:21106\""))
  }

  @Test func `a leafnode finds hubs of other regions behind the relay`() throws {
    let text = try renderedRelease(config: [
      "leafnodes": [
        "enabled": true,
        "merge": [
          "remotes": [
            ["urls": ["nats-leaf://js:js@c2-nats-0.c2-nats-headless-c2:7422", "ws://c2-nats-c2:8080/leaf"]],
            ["url": "nats-leaf://js:js@c1-nats-1.c1-nats-headless"],
          ]
        ],
      ]
    ]).localText(isRelayed: true)
    #expect(
      block("leafnodes", of: text) == """
        leafnodes: {
          listen: "127.0.0.1:21105"
          no_advertise: true
          # Servers of this region at their own ports, those of others at the relay's.
          remotes: [
            {
              urls: [
                "nats-leaf://js:js@127.0.0.1:32105"
                "ws://127.0.0.1:32106/leaf"
              ]
            }
            {
              url: "nats-leaf://js:js@127.0.0.1:21115"
            }
          ]
        """)
    #expect(try complaint(about: text) == nil)
    let told = try renderedRelease(config: [
      "leafnodes": ["enabled": true, "merge": ["no_advertise": false]],
      "merge": ["system_account": "$SYS", "accounts": ["$SYS": [:]]],
    ]).localText(isRelayed: true)
    #expect(block("leafnodes", of: told).contains("advertise: \"127.0.0.1:31105\""))
    #expect(try complaint(about: told) == nil)
  }

  @Test func `an address stays as it was written, and is not called the relay's`() throws {
    let text = try renderedRelease(config: [
      "gateway": ["enabled": true, "merge": ["advertise": "10.0.0.1:7222", "gateways": []]]
    ]).localText(isRelayed: true)
    #expect(block("gateway", of: text).contains("  listen: \"127.0.0.1:21103\"\n  advertise: \"10.0.0.1:7222\"\n"))
  }

  @Test func `the server accepts every one, with its comments`() throws {
    for kind in Supercluster.kinds("c2") {
      let release = try Supercluster.release(kind, in: "c2")
      #expect(try complaint(about: release.localText(isRelayed: true)) == nil, "\(kind)")
    }
  }

  @Test func `names of ports lead there and back`() {
    let relayed = PodPort.allCases.filter { $0.relayed != nil }
    #expect(relayed == [.cluster, .gateway, .leafnodes, .websocket])
    #expect(relayed.allSatisfy { $0.relayed?.behind == $0 && $0.behind == nil && $0.network == nil })
    #expect(PodPort.clusterRelay.network == .routes)
    #expect([PodPort.gatewayRelay, .leafnodesRelay, .websocketRelay].allSatisfy { $0.network == .gateways })
  }
}
