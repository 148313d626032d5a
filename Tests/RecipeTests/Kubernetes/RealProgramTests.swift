import Foundation
import SandboxSystem
import TestSupport
import Testing

/// What nbx gives to `kubectl` and `helm` is put before the real ones, as far as they come without a cluster: they have
/// to fail for want of it, and for nothing else.
@Suite(.mayWait) final class RealProgramTests {
  let folder: String

  /// A kubeconfig whose clusters nobody answers for, and a proxy that nobody is behind.
  init() throws {
    folder = NSTemporaryDirectory() + "nbx-real-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder + "/chart/templates", withIntermediateDirectories: true)
    let contexts = ["k3d-c1", "k3d-c2", "c1", "c2"].map {
      #"{"name": "\#($0)", "context": {"cluster": "none", "user": "nobody"}}"#
    }
    try write(
      """
      {"apiVersion": "v1", "kind": "Config", "users": [{"name": "nobody", "user": {}}],
       "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
       "contexts": [\(contexts.joined(separator: ", "))]}
      """, to: "kubeconfig")
    try write(
      """
      {"repositories": [{"name": "nats", "url": "https://nats-io.github.io/k8s/helm/charts/"}]}
      """, to: "repositories")
    try write(#"{"apiVersion": "v2", "name": "shows", "version": "1.0.0"}"#, to: "chart/Chart.yaml")
    try write("{{ .Values | toJson }}\n", to: "chart/templates/values.yaml")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private struct Ended {
    let succeeded: Bool
    let output, said: String
  }

  private func run(_ program: String, _ words: [String], input: String? = nil) throws -> Ended {
    var process = Subprocess(program, words)
    process.environment["KUBECONFIG"] = folder + "/kubeconfig"
    process.environment["HELM_REPOSITORY_CONFIG"] = folder + "/repositories"
    process.environment["HELM_CACHE_HOME"] = folder + "/helm"
    process.environment["HTTPS_PROXY"] = "http://127.0.0.1:1"
    process.standardInput = Array((input ?? "").utf8)
    process.limit.until = .now + .seconds(60)
    let result = try process.run()
    return Ended(
      succeeded: result.succeeded, output: String(decoding: result.output, as: UTF8.self),
      said: String(decoding: result.errorOutput, as: UTF8.self))
  }

  /// Whether it works, or fails for nothing but that nobody answers.
  private func isTaken(_ ended: Ended) -> Bool {
    let refusals = [
      "127.0.0.1:1: connect: connection refused", "127.0.0.1:1 was refused",
      // Names that are only known during a run.
      "no repositories found matching 'some-name'",
    ]
    return ended.succeeded || refusals.contains(where: ended.said.contains)
  }

  /// The program, or the reason why there is none: then the test is skipped.
  private func program(_ name: String) throws -> String {
    switch name == "helm" ? RealPrograms.helm : RealPrograms.kubectl {
    case .success(let path): return path
    case .failure(let reason): try Test.cancel("no real \(name) to be had: \(reason)")
    }
  }

  @Test func `the real kubectl takes every command`() throws { try expectTakesAll("kubectl") }

  @Test func `the real helm takes every command`() throws { try expectTakesAll("helm") }

  private func expectTakesAll(_ name: String) throws {
    let program = try program(name)
    var shapes: Set<[String]> = []
    for words in try GivenCommands.all.get() where words[0] == name {
      // One of each form: names and values mean nothing to a program without a cluster.
      let form = words.enumerated().map { $0 < 3 || $1.hasPrefix("-") ? $1 : "" }
      guard shapes.insert(form).inserted else { continue }
      let ended = try run(
        program, Array(words.dropFirst()), input: #"{"apiVersion": "v1", "kind": "List", "items": []}"#)
      #expect(isTaken(ended), "\(words.joined(separator: " ")): \(ended.said)")
    }
    #expect(shapes.count > 10, "\(shapes)")
    // This test knows a wrong flag.
    #expect(!isTaken(try run(program, ["get", "pods", "--no-such-flag"])))
  }

  @Test func `the real kubectl reads every manifest`() throws {
    let kubectl = try program("kubectl")
    let documents = try GivenCommands.documents(of: "kubectl")
    #expect(documents.count > 10)
    for document in documents {
      // A label of no meaning, in a copy: for that no cluster is asked.
      let ended = try run(kubectl, ["label", "--local", "-f", "-", "nbx=read", "-o", "name"], input: document)
      #expect(ended.succeeded, "\(document): \(ended.said)")
      // What linkerd's link-gen gives is passed on as it is.
      guard let manifest = try? JSONTree(document) else { continue }
      let objects = manifest["kind"] == "List" ? manifest["items"].elements.count : 1
      #expect(ended.output.split(separator: "\n").count == objects, "\(document): \(ended.output)")
    }
  }

  @Test func `the real helm reads every chart's values as they are meant`() throws {
    let helm = try program("helm")
    let documents = try GivenCommands.documents(of: "helm")
    #expect(documents.count > 10)
    for document in documents {
      let ended = try run(helm, ["template", "shown", folder + "/chart", "-f", "-"], input: document)
      #expect(ended.succeeded, "\(document): \(ended.said)")
      let shown = try #require(ended.output.split(separator: "\n").last, "\(ended.said)")
      #expect(try JSONTree(String(shown)) == JSONTree(document))
    }
  }
}
