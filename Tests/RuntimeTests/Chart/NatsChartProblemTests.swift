import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal

@Suite(.mayWait) struct NatsChartProblemTests {
  @Test(
    arguments: [
      (["cluster": ["replicas": "3"]], "config.cluster.replicas must be a whole number, not a string", nil),
      (["cluster": ["replicas": 0]], "config.cluster.replicas must be from 1 to 99, not 0", nil),
      (["cluster": ["replicas": 100]], "config.cluster.replicas must be from 1 to 99, not 100", nil),
      (["cluster": ["enabled": "yes"]], "config.cluster.enabled must be true or false, not a string", nil),
      (["cluster": ["routeURLs": true]], "config.cluster.routeURLs must be a map, not a bool", nil),
      (["cluster": ["merge": [1]]], "config.cluster.merge must be a map, not a list", nil),
      (
        ["cluster": ["patch": ["op": "add"]]],
        "config.cluster.patch must be a list of JSON patch operations, not a map", nil
      ),
      (
        ["cluster": ["replcas": 3]], "config.cluster.replcas is none of the values of chart nats/nats",
        "did you mean config.cluster.replicas?"
      ),
      (
        ["jetstream": ["fileStore": ["pvc": ["size": "much"]]]],
        "config.jetstream.fileStore.pvc.size must be a size such as 2Gi, not a string", nil
      ),
      (["clutser": [:]], "config.clutser is none of the values of chart nats/nats", "did you mean config.cluster?"),
      (
        ["gateway": ["gateways": []]], "config.gateway.gateways is none of the values of chart nats/nats",
        "what nats.conf itself takes in this block goes under config.gateway.merge"
      ),
      (
        ["nats": ["tls": ["enabled": true]]],
        "config.nats.tls.enabled is true, but the local target runs servers without TLS: their certificates live in "
          + "Kubernetes secrets", "leave it out here, or run this recipe with --target k3d"
      ),
      (
        ["websocket": ["enabled": true, "port": 70000]], "config.websocket.port must be from 1 to 65535, not 70000", nil
      ),
      (
        ["patch": [["op": "test", "path": "/port", "value": .secret(.secret("hush"))]]],
        "config.patch[0]: the test failed, /port holds something else", nil
      ),
      (
        ["patch": [["op": "remove", "path": ""]]], "config.patch leaves no map",
        "a patch may change the block, not replace it"
      ),
      (["serverNamePrefix": 3], "config.serverNamePrefix must be a string, not an int", nil),
    ] as [(Value, String, String?)])
  func configValues(_ config: Value, _ message: String, _ advice: String?) throws {
    #expect(try chartProblem { _ = try renderedRelease(config: config) } == ChartProblem(message, advice: advice))
  }

  @Test(
    arguments: [
      (["imag": ["tag": "2.11.4"]], "did you mean container.image?"),
      (["image": ["tga": "2.11.4"]], "did you mean container.image.tag?"),
      (["image": ["digest": "sha256:0123"]], "say the version beside it"),
      (["image": ["fullImageName": "localhost:5000/nats@sha256:0123"]], "say the version beside it"),
    ] as [(Value, String)])
  func `a container's values are the chart's, and say a version`(_ container: Value, _ advice: String) throws {
    let problem = try chartProblem { _ = try renderedRelease(others: valueMap(["container": container])) }
    #expect(problem.advice?.hasPrefix(advice) == true, "\(problem)")
  }

  @Test func `a variable is a string or a map, as the chart has it`() throws {
    let problem = try chartProblem {
      _ = try renderedRelease(others: valueMap(["container": ["env": ["LIMIT": 100]]]))
    }
    #expect(problem.message == "container.env.LIMIT must be a string or a map with value, not an int")
    let misspelt = try chartProblem {
      _ = try renderedRelease(others: valueMap(["container": ["env": ["LIMIT": ["valu": "100"]]]]))
    }
    #expect(misspelt.advice == "did you mean container.env.LIMIT.value?")
  }

  @Test func valuesBesideConfig() throws {
    let misspelt = try chartProblem { _ = try renderedRelease(others: valueMap(["contianer": [:]])) }
    #expect(misspelt.advice == "did you mean container?")
    let namespace = try chartProblem { _ = try renderedRelease(others: valueMap(["namespaceOverride": "x"])) }
    #expect(namespace.advice == "give the namespace by --namespace")
    let known: Value = [
      "podTemplate": ["merge": [:]], "service": ["merge": [:]], "reloader": ["enabled": false], "promExporter": [:],
      "natsBox": [:], "headlessService": [:], "statefulSet": [:], "global": [:], "extraResources": [],
    ]
    #expect(try renderedRelease(others: valueMap(known)).pods.count == 1)
  }

  @Test func nullIsAsGoodAsNothing() throws {
    #expect(
      try renderedRelease(config: ["cluster": ["enabled": .null, "merge": .null], "gateway": .null]).replicas == 1)
  }

  @Test func nullInTheConfigurationItselfHasNoForm() throws {
    let rendered = try renderedRelease(config: ["cluster": ["enabled": true, "merge": ["routes": .null]]])
    let found = try chartProblem { _ = try rendered.localText() }
    #expect(found.message == "cluster.routes is null, which nats.conf does not know")
    #expect(found.advice?.contains("op: \"remove\"") == true)
  }

  @Test func includedFilesHaveNoPlace() throws {
    let rendered = try renderedRelease(config: ["merge": ["zz$include": "x.conf"]])
    let found = try chartProblem { _ = try rendered.localText() }
    #expect(
      found.message == "zz$include includes a file that Kubernetes would mount; the local target has no such files")
  }

  @Test func secretsStayCovered() throws {
    var url = Text("nats://gwu:")
    url.append(.secret("opensesame"))
    url.append("@k3d-c9-agent-0:7222")
    let rendered = try renderedRelease(config: [
      "gateway": ["enabled": true, "merge": ["gateways": [["name": "c9", "url": Value(url)]]]]
    ])
    let unknown = try chartProblem { _ = try rendered.localText() }
    #expect(
      unknown.message
        == "gateway.gateways[0].url: k3d-c9-agent-0 is the name of no server in the clusters c1, c2, c3")

    let hidden = try renderedRelease(config: [
      "cluster": ["enabled": true, "merge": ["routes": [.secret(.secret("nats://opensesame:6222"))]]]
    ])
    let covered = try chartProblem { _ = try hidden.localText() }
    #expect(covered.message == "cluster.routes[0]: ••• is the name of no server in the clusters c1, c2, c3")
    #expect(!"\(unknown)\(covered)".contains("opensesame"))
  }
}
