import TestSupport
import Testing

/// What the stages of linkerd make, and take away.
@Suite(.mayWait) struct MeshStageTests {
  private let bundles = "bundles.trust.cert-manager.io"

  /// The names of the secrets that a cluster's bundle is made of.
  private func sources(_ state: WorldState, _ cluster: String) throws -> [String?] {
    let bundle = try state.objects(bundles, in: cluster)["linkerd-identity-trust-roots", "spec"]
    #expect(bundle["sources"].elements.allSatisfy { $0["secret", "key"] == "tls.crt" })
    #expect(bundle["target", "configMap"] == ["key": "ca-bundle.crt"])
    #expect(
      bundle["target", "namespaceSelector"] == ["matchLabels": ["linkerd.io/is-control-plane": "true"]])
    return bundle["sources"].elements.map { $0["secret", "name"].text }
  }

  private func root(_ cluster: String, _ key: String = "tls.crt") -> String {
    "‹\(key) of \(cluster)/cert-manager/linkerd-trust-anchor›"
  }

  @Test func `each cluster has a root of its own, which signs the issuer of its proxies`() throws {
    let state = try StageWorlds.after("linkerd/pki").state
    for cluster in ["c1", "c2"] {
      let namespace = try state.objects("namespaces", in: cluster)["linkerd", "metadata"]
      #expect(namespace["labels", "linkerd.io/is-control-plane"] == "true")
      #expect(try state.objects("serviceaccounts", "linkerd", in: cluster).keys.contains("cert-manager"))
      #expect(
        try state.objects("roles.rbac.authorization.k8s.io", "linkerd", in: cluster)[
          "cert-manager-secret-creator", "rules"] == [
            ["apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "get", "update", "patch"]]
          ])
      let binding = try state.objects("rolebindings.rbac.authorization.k8s.io", "linkerd", in: cluster)[
        "cert-manager-secret-creator"]
      #expect(binding["subjects"] == [["kind": "ServiceAccount", "name": "cert-manager", "namespace": "linkerd"]])
      #expect(binding["roleRef", "name"] == "cert-manager-secret-creator")

      let issuer = try state.objects("issuers.cert-manager.io", "cert-manager", in: cluster)
      #expect(issuer["linkerd-trust-root-issuer", "spec"] == ["selfSigned": [:]])
      let anchor = try state.objects("certificates.cert-manager.io", "cert-manager", in: cluster)
      #expect(
        anchor["linkerd-trust-anchor", "spec"] == [
          "isCA": true, "commonName": "root.linkerd.cluster.local", "secretName": "linkerd-trust-anchor",
          "privateKey": ["rotationPolicy": "Always", "algorithm": "ECDSA"], "duration": "8760h",
          "renewBefore": "7320h", "issuerRef": ["kind": "Issuer", "name": "linkerd-trust-root-issuer"],
        ])
      let clusterIssuer = try state.objects("clusterissuers.cert-manager.io", in: cluster)
      #expect(clusterIssuer["linkerd-identity-issuer", "spec"] == ["ca": ["secretName": "linkerd-trust-anchor"]])
      let identity = try state.objects("certificates.cert-manager.io", "linkerd", in: cluster)
      #expect(
        identity["linkerd-identity-issuer", "spec"] == [
          "isCA": true, "commonName": "identity.linkerd.cluster.local", "secretName": "linkerd-identity-issuer",
          "privateKey": ["rotationPolicy": "Always", "algorithm": "ECDSA"], "duration": "48h", "renewBefore": "25h",
          "issuerRef": ["kind": "ClusterIssuer", "name": "linkerd-identity-issuer"],
        ])

      let kept = try state.objects("secrets", "cert-manager", in: cluster)
      #expect(kept["linkerd-trust-anchor", "data", "tls.crt"] == .text(root(cluster)))
      #expect(kept["linkerd-previous-anchor", "data"] == kept["linkerd-trust-anchor", "data"])
      let issued = try state.objects("secrets", "linkerd", in: cluster)["linkerd-identity-issuer", "data"]
      #expect(issued["ca.crt"] == .text(root(cluster)))
      #expect(try sources(state, cluster) == ["linkerd-trust-anchor", "linkerd-previous-anchor"])
      // Both are the same one as yet.
      #expect(
        try state.objects("configmaps", "linkerd", in: cluster)["linkerd-identity-trust-roots", "data"] == [
          "ca-bundle.crt": .text(root(cluster))
        ])
    }
  }

  @Test func `after the key exchange each cluster trusts the roots of both`() throws {
    let state = try StageWorlds.after("linkerd/key-exchange").state
    for (cluster, other) in [("c1", "c2"), ("c2", "c1")] {
      let copy = try state.objects("secrets", "cert-manager", in: cluster)["linkerd-trust-anchor-\(other)"]
      #expect(copy["data"] == ["tls.crt": .text(root(other))], "the key stays at home")
      #expect(
        try sources(state, cluster) == [
          "linkerd-trust-anchor", "linkerd-previous-anchor", "linkerd-trust-anchor-\(other)",
        ])
      #expect(
        try state.objects("configmaps", "linkerd", in: cluster)["linkerd-identity-trust-roots", "data"] == [
          "ca-bundle.crt": .text(root(cluster) + root(other))
        ])
    }
  }

  @Test func `linkerd's identities are cert-manager's`() throws {
    let state = try StageWorlds.after("linkerd/control-plane").state
    for cluster in ["c1", "c2"] {
      let kinds = try state.release("linkerd/linkerd-crds", in: cluster)
      #expect(kinds["status"] == "deployed" && kinds["values"] == ["installGatewayAPI": true])
      let plane = try state.release("linkerd/linkerd-control-plane", in: cluster)
      #expect(plane["status"] == "deployed" && plane["chart"] == "linkerd-control-plane")
      #expect(
        plane["values"] == [
          "identity": ["externalCA": true, "issuer": ["scheme": "kubernetes.io/tls"]], "disableHeartBeat": true,
          "prometheusUrl": "http://prometheus-kube-prometheus-prometheus.prometheus:9090",
        ])
      let deployments = try state.objects("deployments.apps", "linkerd", in: cluster)
      #expect(deployments.keys == ["linkerd-destination", "linkerd-identity", "linkerd-proxy-injector"])
      for name in deployments.keys { #expect(deployments[name, "status", "readyReplicas"] == 1) }
    }
  }

  @Test func `each cluster has a mirror for the other one`() throws {
    let state = try StageWorlds.after("linkerd/multicluster").state
    for (cluster, other) in [("c1", "c2"), ("c2", "c1")] {
      let release = try state.release("linkerd-multicluster/linkerd-multicluster", in: cluster)
      #expect(release["status"] == "deployed" && release["chart"] == "linkerd-multicluster")
      #expect(
        release["values", "controllers"] == [
          ["link": ["ref": ["name": .text(other)]], "logLevel": "debug", "enableHeadlessServices": true]
        ])
      #expect(release["values", "controllerDefaults"] == ["logLevel": "debug", "enableHeadlessServices": true])
      #expect(
        try state.objects("deployments.apps", "linkerd-multicluster", in: cluster).keys.contains("controller-\(other)"))
    }
  }

  @Test func `each cluster has a link to the other one, by the names of its nodes`() throws {
    let reached = try StageWorlds.after("linkerd/link")
    for (cluster, other) in [("c1", "c2"), ("c2", "c1")] {
      let link = try reached.state.objects("links.multicluster.linkerd.io", "linkerd-multicluster", in: cluster)
      #expect(link.keys == [other])
      #expect(link[other, "spec", "targetClusterName"] == .text(other))
      #expect(link[other, "spec", "gatewayAddress"] == .text("k3d-\(other)-server-0"))
      for place in ["linkerd-multicluster", "linkerd"] {
        let secrets = try reached.state.objects("secrets", place, in: cluster)
        #expect(secrets.keys.contains("cluster-credentials-\(other)"))
      }
      let call = try #require(
        reached.run.calls.first { $0.program == "linkerd" && $0.cluster == "k3d-\(cluster)" })
      #expect(
        call.argv.prefix(7) == [
          "multicluster", "link-gen", "--cluster-name=\(cluster)", "--api-server-address",
          "https://k3d-\(cluster)-server-0:6443", "--gateway-addresses", "k3d-\(cluster)-server-0",
        ])
    }
  }

  @Test func `linkerd's dashboard has no Prometheus of its own, and the one there is watches the mesh`() throws {
    let state = try StageWorlds.after("linkerd/viz").state
    for cluster in ["c1", "c2"] {
      let release = try state.release("linkerd-viz/linkerd-viz", in: cluster)
      #expect(release["status"] == "deployed" && release["chart"] == "linkerd-viz")
      #expect(
        release["values"] == [
          "prometheus": ["enabled": false],
          "prometheusUrl": "http://prometheus-kube-prometheus-prometheus.prometheus:9090",
          "grafana": ["url": "prometheus-grafana.prometheus"],
        ])
      #expect(!(try state.objects("deployments.apps", "linkerd-viz", in: cluster).keys.contains("prometheus")))
      let monitors = try state.objects("podmonitors.monitoring.coreos.com", "prometheus", in: cluster)
      #expect(monitors.keys.isSuperset(of: ["linkerd-controller", "linkerd-service-mirror", "linkerd-proxy"]))
      for name in monitors.keys { #expect(monitors[name, "metadata", "labels", "release"] == "prometheus") }
      #expect(monitors["linkerd-proxy", "spec", "namespaceSelector"] == ["any": true])
      #expect(
        monitors["linkerd-service-mirror", "spec", "namespaceSelector"] == ["matchNames": ["linkerd-multicluster"]])
    }
  }
}
