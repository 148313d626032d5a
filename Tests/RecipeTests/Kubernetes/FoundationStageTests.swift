import Foundation
import TestSupport
import Testing

/// What the stages below the mesh make: clusters, certificates, monitoring, and the way in from this machine.
@Suite(.mayWait) struct FoundationStageTests {
  @Test func `helm knows all repositories`() throws {
    #expect(
      try StageWorlds.after("repos").state.tree()["host", "repositories"] == [
        "jetstack": "https://charts.jetstack.io",
        "haproxytech": "https://haproxytech.github.io/helm-charts",
        "prometheus-community": "https://prometheus-community.github.io/helm-charts",
        "linkerd-edge": "https://helm.linkerd.io/edge",
        "linkerd": "https://helm.linkerd.io/stable",
        "nats": "https://nats-io.github.io/k8s/helm/charts/",
      ])
  }

  @Test func `clusters of a server and two agents share a network, without Traefik`() throws {
    let created = try StageWorlds.after("create")
    let host = try created.state.tree()["host"]
    #expect(host["networks"].keys == ["linkerd-idc"])
    #expect(host["contexts"] == ["k3d-c1": "c1", "k3d-c2": "c2"])
    #expect(host["current"] == "", "the user's current context is left alone")
    for name in ["c1", "c2"] {
      let cluster = host["clusters", name]
      #expect(cluster["state"] == "running")
      #expect(cluster["network"] == "linkerd-idc")
      #expect(cluster["servers"] == 1 && cluster["agents"] == 2)
      let words = try #require(created.run.calls.first { $0.line.hasPrefix("k3d cluster create \(name) ") }).argv
      let flag = try #require(words.firstIndex(of: "--k3s-arg"))
      #expect(words[flag + 1] == "--disable=traefik@server:0")
    }
  }

  @Test func `each cluster has a port of its own on this machine`() throws {
    let clusters = try StageWorlds.after("host-access").state.tree()["host", "clusters"]
    for (name, port) in [("c1", "4222"), ("c2", "4223")] {
      #expect(
        clusters[name, "ports"] == [["host": "0.0.0.0", "hostport": .text(port), "port": "4222", "protocol": "tcp"]])
    }
  }

  @Test func `cert-manager, then trust-manager, as their charts are asked to be`() throws {
    let reached = try StageWorlds.after("cert-manager")
    for cluster in ["c1", "c2"] {
      let manager = try reached.state.release("cert-manager/cert-manager", in: cluster)
      #expect(manager["status"] == "deployed" && manager["chart"] == "cert-manager")
      #expect(manager["version"] == "v1.17.2")
      #expect(manager["values"] == ["crds": ["enabled": true]])
      let trust = try reached.state.release("cert-manager/trust-manager", in: cluster)
      #expect(trust["status"] == "deployed" && trust["chart"] == "trust-manager")
      #expect(trust["values"] == ["app": ["trust": ["namespace": "cert-manager"]]])
      let upgrades = reached.run.upgrades.filter { $0.cluster == "k3d-\(cluster)" }
      #expect(upgrades.map { $0.argv[2] } == ["cert-manager", "trust-manager"])
    }
    #expect(reached.run.upgrades.allSatisfy { $0.argv.contains("--wait") })
  }

  @Test func `Prometheus and Grafana, whose ingress has the cluster's name`() throws {
    let state = try StageWorlds.after("prometheus").state
    for cluster in ["c1", "c2"] {
      let release = try state.release("prometheus/prometheus", in: cluster)
      #expect(release["status"] == "deployed" && release["chart"] == "kube-prometheus-stack")
      let host = JSONTree.text("grafana.\(cluster).local")
      #expect(release["values"] == ["grafana": ["ingress": ["enabled": true, "hosts": [host]]]])
      let services = try state.objects("services", "prometheus", in: cluster)
      #expect(services.keys.isSuperset(of: ["prometheus-kube-prometheus-prometheus", "prometheus-grafana"]))
      #expect(
        try state.objects("secrets", "prometheus", in: cluster)["prometheus-grafana", "data"].keys.contains(
          "admin-password"))
    }
  }

  @Test func `contexts of the nats CLI lead to the open ports, and nobody else can read them`() throws {
    let world = try StageWorlds.after("contexts").copy()
    let folder = world.folder + "/config/nats/context"
    for (name, user, port) in [("c1", "sys", 4222), ("c1-js", "js", 4222), ("c2", "sys", 4223), ("c2-js", "js", 4223)] {
      let path = "\(folder)/\(name).json"
      let context = try JSONTree(String(contentsOfFile: path, encoding: .utf8))
      #expect(context["url"] == .text("nats://127.0.0.1:\(port)"))
      #expect(context["user"] == .text(user) && context["password"] == .text(user))
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }
    let selection = world.folder + "/config/nats/context.txt"
    #expect(!FileManager.default.fileExists(atPath: selection), "nothing is selected unasked")
  }

  /// Values, manifests and passwords go by standard input: the arguments of a program are there for all to read.
  @Test(arguments: Stage.all) func `no document and no password is in an argument`(stage: Stage) throws {
    let reached = try StageWorlds.after(stage)
    for call in reached.run.calls {
      #expect(!call.argv.contains { $0.hasPrefix("--set") || $0 == "--values" || $0 == "-p" || $0 == "--patch" })
      for secret in Secrets.texts { #expect(!call.line.contains(secret)) }
      #expect(!call.line.lowercased().contains("password"))
      let takesDocument = ["apply", "upgrade"].contains(call.argv[0]) || call.argv.starts(with: ["delete", "-f", "-"])
      #expect((call.stdin != nil) == takesDocument, "\(call.line)")
    }
    for secret in Secrets.texts { #expect(!reached.run.said.contains(secret)) }
  }
}
