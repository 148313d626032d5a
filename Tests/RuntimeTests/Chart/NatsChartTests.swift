import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

@Suite(.mayWait) struct NatsChartTests {
  private func names(_ name: String, _ others: Value = [:]) throws -> [String] {
    let release = try renderedRelease(name, others: valueMap(others))
    return [release.statefulSet, release.headlessService, release.pods[0].name]
  }

  @Test func namesAreTheChartsNames() throws {
    #expect(try names("c1") == ["c1-nats", "c1-nats-headless", "c1-nats-0"])
    #expect(try names("my-nats") == ["my-nats", "my-nats-headless", "my-nats-0"])
    #expect(try names("c1", ["nameOverride": "bus"]) == ["c1-bus", "c1-bus-headless", "c1-bus-0"])
    #expect(try names("c1", ["fullnameOverride": "hub"]) == ["hub", "hub-headless", "hub-0"])
    #expect(try names("c1", ["statefulSet": ["name": "s"], "headlessService": ["name": "h"]]) == ["s", "h", "s-0"])
    let long = try names(String(repeating: "a", count: 62))
    #expect(long[0] == String(repeating: "a", count: 62), "63 letters, and none of them a dash at the end")
  }

  @Test func withoutValuesThereIsOneServerWithMonitoring() throws {
    let release = try renderedRelease()
    #expect(release.replicas == 1)
    #expect(release.imageTag == nil)
    #expect(release.pods.map(\.serverName) == ["c1-nats-0"])
    #expect(release.ports == [.client: 4222, .monitor: 8222])
    #expect(
      try NatsConfigurationWriter.text(of: release.configuration(of: 0)) == """
        server_name: "c1-nats-0"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/var/run/nats/nats.pid"
        port: 4222
        http_port: 8222

        """)
  }

  @Test func everyBlockHasTheChartsDefaults() throws {
    let on: Value = ["enabled": true]
    let release = try renderedRelease(config: [
      "cluster": on, "gateway": on, "jetstream": on, "leafnodes": on, "websocket": on, "mqtt": on, "profiling": on,
      "resolver": on,
    ])
    #expect(release.replicas == 3)
    #expect(release.pods.map(\.name) == ["c1-nats-0", "c1-nats-1", "c1-nats-2"])
    #expect(
      release.ports == [
        .client: 4222, .cluster: 6222, .gateway: 7222, .monitor: 8222, .leafnodes: 7422, .websocket: 8080, .mqtt: 1883,
        .profiling: 65432,
      ])
    #expect(
      try NatsConfigurationWriter.text(of: release.configuration(of: 2)) == """
        server_name: "c1-nats-2"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/var/run/nats/nats.pid"
        port: 4222
        leafnodes: {
          port: 7422
          no_advertise: true
        }
        websocket: {
          port: 8080
          no_tls: true
        }
        mqtt: {
          port: 1883
        }
        cluster: {
          port: 6222
          name: "c1-nats"
          no_advertise: true
          routes: [
            "nats://c1-nats-0.c1-nats-headless:6222"
            "nats://c1-nats-1.c1-nats-headless:6222"
            "nats://c1-nats-2.c1-nats-headless:6222"
          ]
        }
        gateway: {
          port: 7222
          name: "c1-nats"
        }
        http_port: 8222
        prof_port: 65432
        jetstream: {
          max_memory_store: 0
          store_dir: "/data"
          max_file_store: 10Gi
        }
        resolver: {
          dir: "/data/resolver"
        }

        """)
  }

  @Test func routesCarryUserPasswordPortAndFullName() throws {
    let release = try renderedRelease(config: [
      "cluster": [
        "enabled": true, "replicas": 2, "port": 6333, "noAdvertise": false,
        "routeURLs": [
          "user": "r@", "password": .secret(.secret("p/w")), "useFQDN": true, "k8sClusterDomain": "example.org",
        ],
      ]
    ])
    let cluster = try #require(release.configuration(of: 0)["cluster"])
    #expect(
      cluster.json().string == """
        {"port":6333,"authorization":{"user":"r@","password":"p/w"},"name":"c1-nats","routes":\
        ["nats://r%40:p%2Fw@c1-nats-0.c1-nats-headless.nats.svc.example.org:6333",\
        "nats://r%40:p%2Fw@c1-nats-1.c1-nats-headless.nats.svc.example.org:6333"]}
        """)
    #expect(!cluster.json().masked.contains("p%2Fw"))
    #expect(release.clusterDomain == "example.org")
  }

  @Test(
    arguments: [
      (["fileStore": ["maxSize": "1Gi", "pvc": ["size": "5Gi"]]], "store_dir: \"/data\" max_file_store: 1Gi"),
      (
        ["fileStore": ["pvc": ["size": .size(SizeValue(bytes: 1_610_612_736, spelling: "1.5Gi"))], "dir": "/d"]],
        "store_dir: \"/d\" max_file_store: 1610612736"
      ),
      (["fileStore": ["pvc": ["enabled": false]]], "store_dir: \"/data\""),
      (["fileStore": ["enabled": false]], "max_file_store: 0"),
      (["fileStore": ["maxSize": "<< 10GB >>"]], "store_dir: \"/data\" max_file_store: 10GB"),
      (["fileStore": ["maxSize": 1024]], "store_dir: \"/data\" max_file_store: 1024"),
    ] as [(Value, String)])
  func fileStores(_ values: Value, _ expected: String) throws {
    let whole = try renderedRelease(config: [
      "jetstream": .map(valueMap(["enabled": true]).merged(with: valueMap(values)))
    ])
    guard case .map(let jetstream)? = whole.configuration(of: 0)["jetstream"] else {
      throw ChartTestFailure(description: "off")
    }
    let lines = try NatsConfigurationWriter.text(of: jetstream).split(separator: "\n").dropFirst()
    #expect(lines.joined(separator: " ") == expected)
  }

  @Test func memoryStores() throws {
    func size(_ memory: Value) throws -> String? {
      let release = try renderedRelease(config: ["jetstream": ["enabled": true, "memoryStore": memory]])
      guard case .map(let block)? = release.configuration(of: 0)["jetstream"] else { return nil }
      return block["max_memory_store"]?.asText?.string
    }
    #expect(try size(["enabled": false, "maxSize": "3Gi"]) == "0")
    #expect(try size(["enabled": true]) == "<< 1Gi >>")
    #expect(try size(["enabled": true, "maxSize": "512Mi"]) == "<< 512Mi >>")
  }

  @Test func mergeIsDeepAndPatchComesAfterIt() throws {
    let release = try renderedRelease(config: [
      "gateway": [
        "enabled": true, "merge": ["name": "other", "authorization": ["user": "u"]],
        "patch": [["op": "add", "path": "/authorization/timeout", "value": 2], ["op": "remove", "path": "/port"]],
      ],
      "merge": ["gateway": ["reject_unknown_cluster": true], "max_payload": "<< 2MB >>"],
      "patch": [["op": "replace", "path": "/gateway/name", "value": "last"]],
    ])
    let configuration = release.configuration(of: 0)
    #expect(
      configuration["gateway"]?.json().string
        == #"{"name":"last","authorization":{"user":"u","timeout":2},"reject_unknown_cluster":true}"#)
    #expect(try NatsConfigurationWriter.text(of: configuration).contains("max_payload: 2MB\n"))
    #expect(release.ports[.gateway] == nil, "the patch took its port away")
  }

  @Test func aMergedPortIsWhereThePodListens() throws {
    let release = try renderedRelease(config: [
      "cluster": ["enabled": true, "merge": ["port": 6333]], "merge": ["websocket": ["listen": "0.0.0.0:9090"]],
      "monitor": ["enabled": false],
    ])
    #expect(release.ports == [.client: 4222, .cluster: 6333, .websocket: 9090])
  }

  @Test func containerVariablesArePutIn() throws {
    let release = try renderedRelease(
      config: [
        "serverNamePrefix": "eu-",
        "merge": ["authorization": ["token": "<< $TOKEN >>"], "max_connections": "<< $LIMIT >>", "x": "<< $OTHER >>"],
      ],
      others: valueMap([
        "container": [
          "env": [
            "TOKEN": "\"123456\"", "LIMIT": ["value": "100"], "OTHER": ["valueFrom": [:]],
          ]
        ]
      ]))
    let text = try NatsConfigurationWriter.text(of: release.configuration(of: 0))
    #expect(release.pods[0].serverName == "eu-c1-nats-0")
    #expect(text.contains("token: \"123456\"\n"), "to the server a string, and the quotes are not in it")
    #expect(text.contains("max_connections: 100\n"))
    #expect(text.contains("x: $OTHER\n"), "what a Kubernetes secret holds is not known here")
  }

  @Test func theImageTagIsTheServersVersion() throws {
    #expect(
      try renderedRelease(others: valueMap(["container": ["image": ["tag": "2.11.4-alpine"]]])).imageTag
        == "2.11.4-alpine")
  }

  @Test(arguments: [
    ("nats:2.10.5-alpine", "2.10.5-alpine"), ("localhost:5000/a/nats:2.10.5", "2.10.5"),
    ("nats:2.10.5@sha256:0123", "2.10.5"),
  ])
  func `a whole image's name comes before the tag`(_ name: String, _ tag: String) throws {
    let image: Value = ["fullImageName": .string(name), "tag": "2.11.4"]
    #expect(try renderedRelease(others: valueMap(["container": ["image": image]])).imageTag == tag)
  }
}
