import Foundation
import TestSupport
import Testing

/// Tests of the stand-ins themselves: a test that leans on them is worth no more than they are.
protocol StandInSuite {
  var world: StandIns { get }
}

extension StandInSuite {
  /// Runs a line of words, which has to succeed.
  @discardableResult func done(_ line: String, input: String? = nil, _ environment: [String: String] = [:]) throws
    -> String
  {
    let ended = try world.run(line, input: input, environment: environment)
    try #require(ended.status == 0, "\(line): \(ended.errorOutput)")
    return ended.output
  }

  /// Runs a line of words that has to be refused with this text.
  func refused(
    _ line: String, _ said: String, code: Int32 = 1, input: String? = nil, _ environment: [String: String] = [:],
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    let ended = try world.run(line, input: input, environment: environment)
    #expect(ended.status == code, "\(line)", sourceLocation: place)
    #expect(ended.errorOutput.contains(said), "\(line): \(ended.errorOutput)", sourceLocation: place)
  }

  func cluster(_ name: String = "c1") throws {
    try done("k3d cluster create \(name) --agents 2 --network linkerd-idc --k3s-arg --disable=traefik@server:0")
  }

  func repositories() throws {
    for (name, address) in [
      ("jetstack", "https://charts.jetstack.io"), ("linkerd-edge", "https://helm.linkerd.io/edge"),
      ("nats", "https://nats-io.github.io/k8s/helm/charts/"),
      ("haproxytech", "https://haproxytech.github.io/helm-charts"),
      ("prometheus-community", "https://prometheus-community.github.io/helm-charts"),
    ] { try done("helm repo add \(name) \(address)") }
  }

  func certManager() throws {
    try done(
      "helm upgrade --install cert-manager jetstack/cert-manager -n cert-manager --create-namespace --wait -f -",
      input: #"{"crds":{"enabled":true}}"#)
    try done("helm upgrade --install trust-manager jetstack/trust-manager -n cert-manager --wait")
  }

  static func object(
    _ kind: String, _ name: String, _ rest: String = #""spec": {}"#, namespace: String = "cert-manager"
  )
    -> String
  {
    let version = kind.hasSuffix("Issuer") || kind == "Certificate" ? "cert-manager.io/v1" : "v1"
    return """
      {"apiVersion": "\(version)", "kind": "\(kind)",
       "metadata": {"name": "\(name)", "namespace": "\(namespace)"}, \(rest)}
      """
  }

  static var authority: String {
    object("Issuer", "root", #""spec": {"selfSigned": {}}"#)
      + object(
        "Certificate", "anchor",
        #""spec": {"commonName": "root", "secretName": "anchor", "issuerRef": {"name": "root", "kind": "Issuer"}}"#)
  }

  static func bundle(_ sources: [String]) -> String {
    let listed = sources.map { #"{"secret": {"name": "\#($0)", "key": "tls.crt"}}"# }.joined(separator: ", ")
    return """
      {"apiVersion": "trust.cert-manager.io/v1alpha1", "kind": "Bundle", "metadata": {"name": "roots"},
       "spec": {"sources": [\(listed)], "target": {"configMap": {"key": "ca-bundle.crt"},
                "namespaceSelector": {"matchLabels": {"trusts": "yes"}}}}}
      """
  }
}

extension StandIns {
  /// Words apart by blanks.
  func run(_ line: String, input: String? = nil, environment: [String: String] = [:]) throws -> NbxProgram.Ended {
    try run(words: line.split(separator: " ").map(String.init), input: input, environment: environment)
  }
}
