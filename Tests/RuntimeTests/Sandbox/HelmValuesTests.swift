import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite(.mayWait) struct HelmValuesTests {
  private func set(_ word: Text, asText: Bool = false, over values: ValueMap = ValueMap()) throws -> String {
    var values = values
    try HelmSettings.apply(word, asText: asText, to: &values)
    return Value.map(values).json().string
  }

  @Test(arguments: [
    ("a=1", #"{"a":1}"#), ("a.b=true,a.c=x", #"{"a":{"b":true,"c":"x"}}"#), ("a={x,2}", #"{"a":["x",2]}"#),
    ("a={}", #"{"a":[]}"#), (#"a=x\,y"#, #"{"a":"x,y"}"#), (#"a\.b=null"#, #"{"a.b":null}"#),
    ("a[0].b=1,a[0].c=2", #"{"a":[{"b":1,"c":2}]}"#), ("a=007", #"{"a":"007"}"#), ("a=", #"{"a":""}"#),
    ("a=b=c", #"{"a":"b=c"}"#),
  ]) func setReadsAsHelmDoes(_ word: String, _ json: String) throws {
    #expect(try set(Text(word)) == json)
  }

  @Test func setStringKeepsText() throws { #expect(try set("a=1,b=true", asText: true) == #"{"a":"1","b":"true"}"#) }

  @Test(arguments: ["novalue", "a[x]=1", "a[3]=1", "=1"]) func oddSettingsAreRefused(_ word: String) {
    #expect(throws: CommandFailure.self) { try set(Text(word)) }
  }

  @Test func setJSONTakesAnyJSON() throws {
    var values = ValueMap()
    try HelmSettings.applyJSON(#"a.b={"c":[1,2]}"#, to: &values)
    #expect(Value.map(values).json().string == #"{"a":{"b":{"c":[1,2]}}}"#)
    #expect(throws: CommandFailure.self) { try HelmSettings.applyJSON("a={", to: &values) }
  }

  @Test func valuesAreLaidOverEachOtherInHelmsOrder() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let file = sandbox.home + "/values.json"
    try AtomicFile.write(Array(#"{"config":{"merge":{"a":1,"b":1,"c":1}}}"#.utf8), to: file)
    let failure = try sandbox.failure(
      "helm upgrade --install c1 nats/nats -n nats --create-namespace --values \(file) --set config.merge.c=3 --wait",
      with: ["config": ["merge": ["b": 2, "c": 2]]])
    #expect(failure.said?.string.contains("unknown field") == true)
    let values = try sandbox.text("helm get values c1 -n nats").filter { !$0.isWhitespace }
    #expect(values == #"{"config":{"merge":{"a":1,"b":2,"c":3}}}"#)
  }

  @Test func secretsStaySecretOnDiskAndBack() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let users: Value = [["user": "sys", "password": .secret(.secret("hidden-word"))]]
    let values = SandboxFixture.values(["config": ["merge": ["accounts": ["$SYS": ["users": users]]]]])
    try sandbox.install("c1", values)
    let later = sandbox.anotherTarget()
    let shown = try #require(try sandbox.run("helm get values c1 -n nats", by: later).asText)
    #expect(shown.string.contains("hidden-word"))
    #expect(!shown.masked.contains("hidden-word"))
    #expect(shown.masked.contains("•••"))

    sandbox.target.letGo()
    let processes = sandbox.processes()
    try sandbox.run("helm upgrade c1 nats/nats -n nats", by: later)
    #expect(sandbox.processes() == processes)
    try sandbox.run("helm upgrade c1 nats/nats -n nats --reuse-values --set config.cluster.replicas=3", by: later)
    #expect(try sandbox.run("helm get values c1 -n nats", by: later).asText?.masked.contains("hidden-word") == false)
  }

  @Test func repositoriesAreRemembered() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.run("helm repo add nats https://nats-io.github.io/k8s/helm/charts/")
    try sandbox.run("helm repo add nats https://nats-io.github.io/k8s/helm/charts/")
    #expect(try sandbox.failure("helm repo add nats https://else.example").advice == "add --force-update")
    try sandbox.run("helm repo add nats https://else.example --force-update")
    #expect(try sandbox.text("helm repo list -o json") == #"[{"name":"nats","url":"https://else.example"}]"#)
    try sandbox.run("helm repo update")
  }
}
