import Foundation
import TestSupport
import Testing

/// `linkerd` and its stages.
@Suite(.mayWait) struct StandInLinkerdTests: StandInSuite {
  let world: StandIns

  init() throws { world = try StandIns() }

  @Test func `linkerd's stages need each other`() throws {
    try cluster()
    try repositories()
    try done("kubectl create ns linkerd")
    let values = #"{"identity": {"externalCA": true, "issuer": {"scheme": "kubernetes.io/tls"}}}"#
    let plane =
      "helm upgrade --install linkerd-control-plane linkerd-edge/linkerd-control-plane -n linkerd --wait -f - "
    try refused(plane, #"no matches for kind "Server""#, input: values)
    try done(
      "helm upgrade --install linkerd-crds linkerd-edge/linkerd-crds -n linkerd -f -",
      input: #"{"installGatewayAPI": true}"#)
    try refused(plane, "Please provide the identity trust anchors", input: "{}")
    try refused(plane + "--timeout 1s", "context deadline exceeded", input: values)
    let generate = "linkerd multicluster link-gen --cluster-name=c1 --context k3d-c1"
    // The trust roots and the issuer's secret are all that its pods lack.
    try done(
      "kubectl apply -n linkerd -f -",
      input: Self.object("ConfigMap", "linkerd-identity-trust-roots", namespace: "linkerd"))
    try refused(plane + "--timeout 1s", "context deadline exceeded", input: values)
    try done("kubectl create secret generic linkerd-identity-issuer -n linkerd --from-literal=tls.crt=x")
    try done(plane, input: values)
    try done("linkerd check")
    try refused(generate, #"serviceaccounts "linkerd-service-mirror-remote-access-default" not found"#)
    try done(
      "helm upgrade --install linkerd-multicluster linkerd-edge/linkerd-multicluster -n linkerd-multicluster "
        + "--create-namespace --wait -f -",
      input: #"{"controllers": [{"link": {"ref": {"name": "c2"}}}]}"#)
    let link = try done(generate)
    #expect(link.contains("kind: Link"))
    #expect(try done("kubectl apply -f -", input: link).contains("link.multicluster.linkerd.io/c1 created"))
    #expect(try done("kubectl apply -f -", input: link).contains("link.multicluster.linkerd.io/c1 unchanged"))
    try done("kubectl delete -f -", input: link)
    try refused("kubectl delete -f -", "NotFound", input: link)
    try done("helm uninstall linkerd-control-plane -n linkerd")
    try refused(generate, "you need Linkerd to be installed on a cluster in order to get its credentials")
  }

  /// What a cluster needs before it can be linked: the mesh, with these trust roots.
  func mesh(_ name: String, linkedTo other: String) throws {
    let context = "--context k3d-\(name)"
    let helm = "--kube-context k3d-\(name) -n linkerd --wait -f -"
    try cluster(name)
    try done("kubectl create ns linkerd \(context)")
    try done("kubectl apply -f - \(context)", input: Self.roots("one"))
    try done("kubectl create secret generic linkerd-identity-issuer -n linkerd --from-literal=tls.crt=x \(context)")
    try done(
      "helm upgrade --install linkerd-crds linkerd-edge/linkerd-crds \(helm)", input: #"{"installGatewayAPI": true}"#)
    try done(
      "helm upgrade --install linkerd-control-plane linkerd-edge/linkerd-control-plane \(helm)",
      input: #"{"identity": {"externalCA": true, "issuer": {"scheme": "kubernetes.io/tls"}}}"#)
    try done(
      "helm upgrade --install linkerd-multicluster linkerd-edge/linkerd-multicluster -n linkerd-multicluster "
        + "--create-namespace --kube-context k3d-\(name) -f -",
      input: #"{"controllers": [{"link": {"ref": {"name": "\#(other)"}}}]}"#)
  }

  static func roots(_ name: String) -> String {
    object(
      "ConfigMap", "linkerd-identity-trust-roots",
      #""data": {"ca-bundle.crt": "-----BEGIN CERTIFICATE-----\n\#(name)\n-----END CERTIFICATE-----\n"}"#,
      namespace: "linkerd")
  }

  @Test func `a link mirrors what the other cluster exports, if both trust the same roots`() throws {
    try repositories()
    try mesh("c1", linkedTo: "c2")
    try mesh("c2", linkedTo: "c1")
    let exported = """
      # A person's own hand: YAML.
      apiVersion: v1
      kind: Namespace
      metadata: { name: nats, annotations: {'linkerd.io/inject': enabled} }
      ---
      kind: Service
      apiVersion: v1
      metadata:
        name: xr-js-nats      # mirrored as xr-js-nats-c2
        namespace: nats
        labels:
          "mirror.linkerd.io/exported": "true"
      spec:
        ports:
        - name: nats
          port: 4222
        - {name: cluster, port: 6222}

      """
    try done("kubectl apply --context k3d-c2 -f -", input: exported)
    try done("kubectl create ns nats --context k3d-c1")
    let link = try done("linkerd multicluster link-gen --cluster-name c2 --context k3d-c2")
    try done("kubectl apply --context k3d-c1 -f -", input: link)
    try done("kubectl wait service/xr-js-nats-c2 -n nats --for=create --timeout=60s --context k3d-c1")
    let gateways = "linkerd multicluster gateways --context k3d-c1 -o json"
    try done("linkerd multicluster check --context k3d-c1")
    #expect(try done(gateways).contains(#""clusterName":"c2","alive":true,"numberOfServices":1"#))
    try done("kubectl apply --context k3d-c2 -f -", input: Self.roots("another"))
    #expect(try done(gateways).contains(#""alive":false"#))
    let ended = try world.run("linkerd multicluster check --context k3d-c1 --wait 1s")
    #expect(ended.status == 1)
    #expect(ended.output.contains("× clusters share trust anchors"))
    try done("kubectl apply --context k3d-c2 -f -", input: Self.roots("one"))
    try done("k3d cluster stop c2")
    #expect(try done(gateways).contains(#""alive":false"#))
  }
}
