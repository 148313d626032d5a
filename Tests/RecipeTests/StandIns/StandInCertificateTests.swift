import Foundation
import TestSupport
import Testing

/// cert-manager and trust-manager, as they answer to what is applied.
@Suite(.mayWait) struct StandInCertificateTests: StandInSuite {
  let world: StandIns

  init() throws { world = try StandIns() }

  @Test func `a certificate is issued a while after it was applied`() throws {
    try cluster()
    try repositories()
    try certManager()
    let slow = ["NBX_STANDIN_DELAY": "1"]
    try done("kubectl apply -f -", input: Self.authority, slow)
    try refused("kubectl get secret anchor -n cert-manager", "NotFound", slow)
    try done("kubectl wait certificate/anchor -n cert-manager --for=condition=Ready --timeout=60s", slow)
    let data = try done("kubectl get secret anchor -n cert-manager -o jsonpath={.data}")
    let decoded = try JSONDecoder().decode([String: Data].self, from: Data(data.utf8))
    #expect(Set(decoded.keys) == ["tls.crt", "tls.key", "ca.crt"])
    #expect(String(decoding: decoded["tls.crt"]!, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----"))
  }

  @Test func `a certificate without its issuer is never ready`() throws {
    try cluster()
    try repositories()
    try certManager()
    let issued = #""spec": {"commonName": "a", "secretName": "a", "issuerRef": {"name": "none"}}"#
    try done("kubectl apply -f -", input: Self.object("Certificate", "a", issued))
    try refused(
      "kubectl wait certificate/a -n cert-manager --for=condition=Ready --timeout=1s",
      "timed out waiting for the condition")
    // Nor one whose authority has no key yet.
    try done("kubectl apply -f -", input: Self.object("Issuer", "none", #""spec": {"ca": {"secretName": "anchor"}}"#))
    try refused(
      "kubectl wait certificate/a -n cert-manager --for=condition=Ready --timeout=1s",
      "timed out waiting for the condition")
    try done("kubectl apply -f -", input: Self.authority)
    try done("kubectl wait certificate/a -n cert-manager --for=condition=Ready --timeout=60s")
    try refused(
      "kubectl apply -f -", "spec.secretName: Required value",
      input: Self.object("Certificate", "b", #""spec": {"commonName": "b"}"#))
  }

  @Test func `a bundle whose source is missing is not synced`() throws {
    try cluster()
    try repositories()
    try certManager()
    try done("kubectl label ns default trusts=yes")
    try done("kubectl apply -f -", input: Self.bundle(["anchor"]))
    try done("kubectl wait bundle/roots --for=condition=Synced=False --timeout=60s")
    #expect(
      try done(#"kubectl get bundle roots -o jsonpath={.status.conditions[?(@.type=="Synced")].message}"#)
        .contains(#"secrets "anchor" not found"#))
    try refused("kubectl get cm roots", "NotFound")
    try done("kubectl apply -f -", input: Self.authority)
    try done("kubectl wait bundle/roots --for=condition=Synced --timeout=60s")
    #expect(try done(#"kubectl get cm roots -o jsonpath={.data.ca-bundle\.crt}"#).contains("BEGIN CERTIFICATE"))
    try refused("kubectl get cm roots -n kube-system", "NotFound")
  }

  @Test func `the operators' webhooks are asked once they are there`() throws {
    try cluster()
    try repositories()
    try done(
      "helm upgrade --install cert-manager jetstack/cert-manager -n cert-manager --create-namespace -f -",
      input: #"{"crds":{"enabled":true}}"#, ["NBX_STANDIN_DELAY": "60"])
    try refused("kubectl apply -f -", #"failed calling webhook "webhook.cert-manager.io""#, input: Self.authority)
  }
}
