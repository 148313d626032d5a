import Interpreter
import TestSupport
import Testing

/// The four releases of the supercluster, as their servers run here, letter by letter.
@Suite(.mayWait) struct SuperclusterConfigurationTests {
  @Test func seeds() throws {
    #expect(
      try Supercluster.release("c2", in: "c2").localText(pod: 1) == """
        server_name: "c2-nats-1"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/pods/c2-nats-1/nats.pid"
        listen: "127.0.0.1:22111"
        client_advertise: "127.0.0.1:22111"
        cluster: {
          listen: "127.0.0.1:22112"
          advertise: "127.0.0.1:22112"
          name: "c2"
          no_advertise: true
          routes: [
            "nats://127.0.0.1:22102"
            "nats://127.0.0.1:22112"
            "nats://127.0.0.1:22122"
          ]
        }
        gateway: {
          listen: "127.0.0.1:22113"
          advertise: "127.0.0.1:22313"
          name: "c2"
        \(gateways)
          authorization: {
            user: "gwu"
            password: "gwp"
          }
        }
        http: "127.0.0.1:22114"
        \(accounts)

        """)
  }

  @Test func jetStream() throws {
    #expect(
      try Supercluster.release("c2-js", in: "c2").localText(pod: 0) == """
        server_name: "c2-js-nats-0"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/pods/c2-js-nats-0/nats.pid"
        listen: "127.0.0.1:22201"
        client_advertise: "127.0.0.1:22201"
        cluster: {
          listen: "127.0.0.1:22202"
          advertise: "127.0.0.1:22202"
          name: "c2"
          no_advertise: true
          routes: [
            "nats://127.0.0.1:22202"
            "nats://127.0.0.1:22212"
            "nats://127.0.0.1:22222"
            "nats://127.0.0.1:22102"
            "nats://127.0.0.1:22112"
            "nats://127.0.0.1:22122"
          ]
        }
        gateway: {
          listen: "127.0.0.1:22203"
          advertise: "127.0.0.1:22303"
          name: "c2"
        \(gateways)
          authorization: {
            user: "gwu"
            password: "gwp"
          }
        }
        http: "127.0.0.1:22204"
        jetstream: {
          max_memory_store: 0
          store_dir: "/store/c2-js-nats-0"
          max_file_store: 2Gi
          unique_tag: "az"
        }
        \(accounts)
        server_tags: [
          "dc:c2"
          "az:c2"
        ]

        """)
  }

  @Test func gatewayServers() throws {
    #expect(
      try Supercluster.release("c2-gw", in: "c2").localText(pod: 2) == """
        server_name: "c2-gw-nats-2"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/pods/c2-gw-nats-2/nats.pid"
        listen: "127.0.0.1:22321"
        client_advertise: "127.0.0.1:22321"
        cluster: {
          listen: "127.0.0.1:22322"
          advertise: "127.0.0.1:22322"
          name: "c2"
          no_advertise: true
          routes: [
            "nats://127.0.0.1:22302"
            "nats://127.0.0.1:22312"
            "nats://127.0.0.1:22322"
            "nats://127.0.0.1:22202"
            "nats://127.0.0.1:22212"
            "nats://127.0.0.1:22222"
            "nats://127.0.0.1:22102"
            "nats://127.0.0.1:22112"
            "nats://127.0.0.1:22122"
          ]
        }
        gateway: {
          listen: "127.0.0.1:22323"
          advertise: "127.0.0.1:22323"
          name: "c2"
        \(gateways)
          authorization: {
            user: "gwu"
            password: "gwp"
          }
        }
        http: "127.0.0.1:22324"
        \(accounts)
        server_tags: [
          "dc:c2"
          "az:c2"
        ]

        """)
  }

  @Test func stretched() throws {
    #expect(
      try Supercluster.release("xr-js", in: "c2").localText(pod: 1) == """
        server_name: "c2-xr-js-nats-1"
        lame_duck_grace_period: "10s"
        lame_duck_duration: "30s"
        pid_file: "/pods/xr-js-nats-1/nats.pid"
        listen: "127.0.0.1:22411"
        client_advertise: "127.0.0.1:22411"
        cluster: {
          listen: "127.0.0.1:22412"
          advertise: "127.0.0.1:22412"
          name: "xr-js"
          no_advertise: true
          routes: [
            "nats://127.0.0.1:22402"
            "nats://127.0.0.1:22412"
            "nats://127.0.0.1:22422"
            "nats://127.0.0.1:21402"
            "nats://127.0.0.1:21412"
            "nats://127.0.0.1:21422"
            "nats://127.0.0.1:23402"
            "nats://127.0.0.1:23412"
            "nats://127.0.0.1:23422"
          ]
        }
        gateway: {
          listen: "127.0.0.1:22413"
          advertise: "127.0.0.1:22413"
          name: "xr-js"
        \(gateways)
        }
        http: "127.0.0.1:22414"
        jetstream: {
          max_memory_store: 0
          store_dir: "/store/xr-js-nats-1"
          max_file_store: 2Gi
          unique_tag: "az"
        }
        \(accounts)
        server_tags: [
          "dc:xr"
          "az:c2"
        ]

        """)
  }

  @Test func theServerAcceptsEveryOne() throws {
    for cluster in Supercluster.clusters {
      for kind in Supercluster.kinds(cluster) {
        let release = try Supercluster.release(kind, in: cluster)
        for ordinal in 0..<3 {
          let text = try release.localText(pod: ordinal)
          #expect(text == (try Supercluster.release(kind, in: cluster).localText(pod: ordinal)), "the same each time")
          #expect(try complaint(about: text) == nil, "\(cluster) \(kind) \(ordinal)")
        }
      }
    }
  }

  private let gateways = """
      gateways: [
        {
          name: "c1"
          urls: [
            "nats://gwu:gwp@127.0.0.1:21303"
            "nats://gwu:gwp@127.0.0.1:21313"
            "nats://gwu:gwp@127.0.0.1:21323"
          ]
        }
        {
          name: "c2"
          urls: [
            "nats://gwu:gwp@127.0.0.1:22303"
            "nats://gwu:gwp@127.0.0.1:22313"
            "nats://gwu:gwp@127.0.0.1:22323"
          ]
        }
        {
          name: "c3"
          urls: [
            "nats://gwu:gwp@127.0.0.1:23303"
            "nats://gwu:gwp@127.0.0.1:23313"
            "nats://gwu:gwp@127.0.0.1:23323"
          ]
        }
        {
          name: "xr-js"
          urls: [
            "nats://127.0.0.1:22403"
            "nats://127.0.0.1:22413"
            "nats://127.0.0.1:22423"
          ]
        }
      ]
    """

  private let accounts = """
    accounts: {
      "$SYS": {
        users: [
          {
            user: "sys"
            password: "sys"
          }
        ]
      }
      JS: {
        jetstream: "enabled"
        users: [
          {
            user: "js"
            password: "js"
          }
        ]
      }
    }
    system_account: "$SYS"
    """
}
