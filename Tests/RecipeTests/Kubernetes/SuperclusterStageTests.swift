import TestSupport
import Testing

/// What the stages `ingress` and `nats` make: the four releases of each cluster, and how one gets in.
@Suite(.mayWait) struct SuperclusterStageTests {
  private static let opaque: JSONTree = ["config.linkerd.io/opaque-ports": "4222,6222,7222,8222"]
  private static let opaqueWithLeafnodes: JSONTree = ["config.linkerd.io/opaque-ports": "4222,6222,7222,7422,8222"]
  private static let watched: JSONTree = ["release": "prometheus"]

  @Test(arguments: ["c1", "c2"]) func `HAProxy lets NATS in, as part of the mesh`(cluster: String) throws {
    let state = try StageWorlds.after("ingress").state
    let namespace = try state.objects("namespaces", in: cluster)["haproxy-ingress", "metadata"]
    #expect(namespace["annotations"] == ["linkerd.io/inject": "enabled"])
    let release = try state.release("haproxy-ingress/haproxy-ingress", in: cluster)
    #expect(release["status"] == "deployed" && release["chart"] == "kubernetes-ingress")
    #expect(release["version"] == "1.45.0")
    let controller = release["values", "controller"]
    #expect(controller["ingressClassResource"] == ["name": "haproxy", "default": true])
    #expect(controller["podAnnotations"] == Self.opaque)
    #expect(controller["service", "annotations"] == Self.opaque)
    #expect(controller["service", "type"] == "LoadBalancer")
    #expect(
      controller["service", "tcpPorts"] == [
        ["name": "nats-gw", "port": 7222, "targetPort": 7222],
        ["name": "nats-cluster", "port": 4222, "targetPort": 4222],
      ])
    for monitor in ["podMonitor", "serviceMonitor"] {
      #expect(controller[monitor] == ["enabled": true, "extraLabels": Self.watched])
    }
  }

  /// The servers of c1 start anew to learn of c2; meanwhile those of c2 could choose a leader that knows of no stream.
  @Test func `a cluster that joins starts its servers when the others know of it`() throws {
    let nats = try Stage.named("nats")
    let world = try StageWorlds.before(nats)
    #expect(try world.run(nats, on: ["c1"]).status == 0)
    let both = try world.run(nats, on: ["c1", "c2"])
    #expect(both.status == 0, "\(both.said)")
    let upgrades = both.upgrades.map(\.line)
    let joining = upgrades.filter { $0.contains("k3d-c2") }
    #expect(joining.count == 4)
    let learning = upgrades.prefix { !$0.contains("k3d-c2") }
    for name in ["c1-js", "xr-js"] {
      #expect(learning.contains { $0.contains("--install \(name) ") }, "\(upgrades)")
    }
  }

  @Test(arguments: ["c1", "c2"]) func `each cluster has its four releases, whole`(cluster: String) throws {
    let state = try StageWorlds.after("nats").state
    let namespace = try state.objects("namespaces", in: cluster)["nats", "metadata"]
    #expect(namespace["annotations"] == ["linkerd.io/inject": "enabled"])
    let sets = try state.objects("statefulsets.apps", "nats", in: cluster)
    #expect(sets.keys == ["\(cluster)-nats", "\(cluster)-js-nats", "\(cluster)-gw-nats", "xr-js-nats"])
    for name in sets.keys { #expect(sets[name, "status", "readyReplicas"] == 3) }

    for name in [cluster, "\(cluster)-js", "\(cluster)-gw", "xr-js"] {
      let release = try state.release("nats/\(name)", in: cluster)
      #expect(release["status"] == "deployed" && release["chart"] == "nats" && release["version"] == "1.3.7")
      let values = release["values"]
      #expect(values["container", "image", "tag"] == "2.11.4")
      #expect(values["config", "cluster", "enabled"] == true && values["config", "cluster", "replicas"] == 3)
      #expect(
        values["config", "gateway", "merge", "gateways"] == [
          ["name": "c1", "url": "nats://gwu:gwp@k3d-c1-agent-0:7222"],
          ["name": "c2", "url": "nats://gwu:gwp@k3d-c2-agent-0:7222"],
          ["name": "xr-js", "url": "nats://xr-js-nats:7222"],
        ])
      #expect(values["config", "monitor", "enabled"] == true)
      #expect(
        values["config", "merge", "accounts"] == [
          "$SYS": ["users": [["user": "sys", "password": "sys"]]],
          "JS": ["jetstream": "enabled", "users": [["user": "js", "password": "js"]]],
        ])
      #expect(values["reloader", "enabled"] == true)
      #expect(
        values["promExporter"] == [
          "enabled": true, "podMonitor": ["enabled": true, "merge": ["metadata": ["labels": Self.watched]]],
        ])
      for place in ["podTemplate", "service", "headlessService"] {
        let ports = name == cluster ? Self.opaqueWithLeafnodes : Self.opaque
        #expect(values[place, "merge", "metadata", "annotations"] == ports)
      }
      // The one release with nats-box is that of the seeds.
      #expect(values["natsBox", "enabled"] == .bool(name == cluster))
    }
  }

  @Test(arguments: [("c1", "c2"), ("c2", "c1")]) func `who knows whom`(cluster: String, other: String) throws {
    let state = try StageWorlds.after("nats").state
    func config(_ name: String) throws -> JSONTree {
      try state.release("nats/\(name)", in: cluster)["values", "config"]
    }
    func routes(_ release: String, _ suffix: String = "") -> [JSONTree] {
      (0..<3).map { .text("nats://\(release)-nats-\($0).\(release)-nats-headless\(suffix):6222") }
    }
    let (seeds, storage, entries) = (routes(cluster), routes("\(cluster)-js"), routes("\(cluster)-gw"))
    #expect(try config(cluster)["cluster", "merge"] == ["name": .text(cluster), "routes": .list(seeds)])
    #expect(
      try config("\(cluster)-js")["cluster", "merge"] == ["name": .text(cluster), "routes": .list(storage + seeds)])
    #expect(
      try config("\(cluster)-gw")["cluster", "merge"] == [
        "name": .text(cluster), "routes": .list(entries + storage + seeds),
      ])
    #expect(
      try config("xr-js")["cluster", "merge"] == [
        "name": "xr-js", "routes": .list(routes("xr-js") + routes("xr-js", "-\(other)")),
      ])
    for name in [cluster, "\(cluster)-js", "\(cluster)-gw"] {
      let gateway = try config(name)["gateway", "merge"]
      #expect(gateway["name"] == .text(cluster))
      #expect(gateway["advertise"] == .text("k3d-\(cluster)-server-0:7222"))
      #expect(gateway["authorization"] == ["user": "gwu", "password": "gwp"])
    }
    #expect(try config("xr-js")["gateway", "merge", "name"] == "xr-js")
    #expect(try config("xr-js")["gateway", "merge"].keys == ["name", "gateways"])
  }

  @Test(arguments: ["c1", "c2"]) func `where streams lie`(cluster: String) throws {
    let state = try StageWorlds.after("nats").state
    func config(_ name: String) throws -> JSONTree {
      try state.release("nats/\(name)", in: cluster)["values", "config"]
    }
    for name in ["\(cluster)-js", "xr-js"] {
      #expect(
        try config(name)["jetstream"] == [
          "enabled": true, "fileStore": ["enabled": true, "pvc": ["size": "2Gi"]],
          "merge": ["unique_tag": "az", "domain": "hub"],
        ])
    }
    // Leafnodes join at the seeds, which say whose JetStream is behind them and keep no streams.
    #expect(try config(cluster)["leafnodes"] == ["enabled": true])
    #expect(try config(cluster)["merge", "jetstream"] == ["enabled": false, "domain": "hub"])
    #expect(try config("\(cluster)-gw")["leafnodes"] == .null)
    for name in [cluster, "\(cluster)-gw"] { #expect(try config(name)["jetstream"] == .null) }
    let zone = JSONTree.text("az:\(cluster)")
    let home: JSONTree = [.text("dc:\(cluster)"), zone]
    #expect(try config("\(cluster)-js")["merge", "server_tags"] == home)
    #expect(try config("\(cluster)-gw")["merge", "server_tags"] == home)
    #expect(try config("xr-js")["merge", "server_tags"] == ["dc:xr", zone])
    #expect(try config("xr-js")["serverNamePrefix"] == .text("\(cluster)-"))
  }

  /// The chart does not put its name behind that of a release which has it already.
  @Test func `a cluster's name may have the chart's in it`() throws {
    let world = try StandIns()
    let run = try world.nbx(["run", "recipes/install.nbx", "nats-eu", "c2", "replicas=2", "verify=false"])
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    let state = try world.state()
    for (cluster, names) in [
      ("nats-eu", ["nats-eu", "nats-eu-js", "nats-eu-gw"]), ("c2", ["c2-nats", "c2-js-nats", "c2-gw-nats"]),
    ] {
      #expect(try state.objects("statefulsets.apps", "nats", in: cluster).keys == Set(names + ["xr-js-nats"]))
      let services = try state.objects("services", "nats", in: cluster).keys
      let entries = try state.objects("tcps.ingress.v1.haproxy.org", "nats", in: cluster)
      for (entry, service) in [("nats-gateway-tcp", names[2]), ("nats-cluster-tcp", names[0])] {
        #expect(entries[entry, "spec"].elements.map { $0["service", "name"] } == [.text(service)])
        #expect(services.contains(service))
      }
      let gateways = try state.release("nats/\(cluster)-gw", in: cluster)["values", "config", "cluster", "merge"]
      let hosts = [names[2], names[1], names[0]].flatMap { name in
        (0..<2).map { JSONTree.text("nats://\(name)-\($0).\(name)-headless:6222") }
      }
      #expect(gateways["routes"].elements == hosts)
      for name in names { #expect(services.contains("\(name)-headless")) }
    }
  }

  @Test(arguments: [("eu-nats", "eu-nats-0"), ("eu-xr", "eu-xr-js-nats-0")])
  func `servers of two clusters never have one name`(other: String, server: String) throws {
    let run = try NbxProgram().run(["run", "recipes/nats.nbx", "eu", other, "--target", "local"])
    #expect(run.status == 1)
    let said = run.errorOutput
    #expect(said.contains("two clusters would have servers of the same names, \(server): "), "\(said)")
  }

  @Test(arguments: ["c1", "c2"]) func `the ways to the servers`(cluster: String) throws {
    let state = try StageWorlds.after("nats").state
    let entries = try state.objects("tcps.ingress.v1.haproxy.org", "nats", in: cluster)
    #expect(entries.keys == ["nats-gateway-tcp", "nats-cluster-tcp"])
    for (name, frontend, port, service) in [
      ("nats-gateway-tcp", "nats-gw", 7222, "\(cluster)-gw-nats"),
      ("nats-cluster-tcp", "nats-cluster", 4222, "\(cluster)-nats"),
    ] {
      #expect(entries[name, "apiVersion"] == "ingress.v1.haproxy.org/v1" && entries[name, "kind"] == "TCP")
      #expect(entries[name, "metadata", "annotations"] == ["ingress.class": "haproxy"])
      let spec = entries[name, "spec"].elements
      #expect(spec.count == 1)
      let port = JSONTree.number(Double(port))
      #expect(
        spec[0]["frontend"] == ["name": .text(frontend), "binds": [["name": .text(frontend), "port": port]]])
      #expect(spec[0]["service"] == ["name": .text(service), "port": port])
    }
    let services = try state.objects("services", "nats", in: cluster)
    let own = services["xr-js-nats-\(cluster)", "spec"]
    #expect(own["ports"].elements.map { $0["port"] } == [4222, 6222, 7222, 8222])
    #expect(
      own["selector"] == ["app.kubernetes.io/instance": "xr-js", "app.kubernetes.io/component": "nats"])
    // What the gateways' entry leads to has that port.
    #expect(services["\(cluster)-gw-nats", "spec", "ports"].elements.contains { $0["port"] == 7222 })
    for name in ["xr-js-nats", "xr-js-nats-headless"] {
      #expect(services[name, "metadata", "labels", "mirror.linkerd.io/exported"] == "true")
    }
    let stretched = services["xr-js-nats", "spec", "ports"].elements.map { $0["port"] }
    #expect(Set(stretched) == [4222, 6222, 7222])
    let exported = services.keys.filter {
      services[$0, "metadata", "labels", "mirror.linkerd.io/exported"] != .null
    }
    #expect(Set(exported) == ["xr-js-nats", "xr-js-nats-headless"])
  }
}
