import Foundation
import TestSupport
import Testing

/// `kubectl` and its objects.
@Suite(.mayWait) struct StandInKubectlTests: StandInSuite {
  let world: StandIns

  init() throws { world = try StandIns() }

  @Test func `create and get`() throws {
    try cluster()
    try done("kubectl create namespace n")
    try refused("kubectl create namespace n", #"(AlreadyExists): namespaces "n" already exists"#)
    let secret = Self.object("Secret", "s", #""stringData": {"k": "value"}"#, namespace: "n")
    #expect(try done("kubectl create -f -", input: secret) == "secret/s created\n")
    try refused(
      "kubectl create -f -", #"(AlreadyExists): error when creating "STDIN": secrets "s" already exists"#,
      input: secret)
    #expect(try done("kubectl get secret s -n n -o jsonpath={.data.k}") == "dmFsdWU=")
    try refused("kubectl get secret t -n n", #"Error from server (NotFound): secrets "t" not found"#)
    #expect(try done("kubectl get secret t -n n --ignore-not-found -o json") == "")
    try refused("kubectl create secret generic s -n n", #"failed to create secret secrets "s" already exists"#)
  }

  @Test func `apply is idempotent and merges`() throws {
    try cluster()
    func map(_ data: String) -> String { Self.object("ConfigMap", "m", #""data": {\#(data)}"#, namespace: "default") }
    #expect(try done("kubectl apply -f -", input: map(#""a": "1", "b": "2""#)) == "configmap/m created\n")
    #expect(try done("kubectl apply -f -", input: map(#""a": "1", "b": "2""#)) == "configmap/m unchanged\n")
    try done("kubectl patch configmap m --type merge -p {\"data\":{\"foreign\":\"3\"}}")
    #expect(try done("kubectl apply -f -", input: map(#""a": "9""#)) == "configmap/m configured\n")
    // What was applied before and is no longer wanted is gone, what others wrote stays.
    let data = try done("kubectl get cm m -o jsonpath={.data}")
    #expect(
      try JSONDecoder().decode([String: String].self, from: Data(data.utf8)) == ["a": "9", "foreign": "3"])
  }

  @Test func `objects that have no home or no kind`() throws {
    try cluster()
    try refused("kubectl apply -f -", #"namespaces "cert-manager" not found"#, input: Self.object("ConfigMap", "x"))
    try done("kubectl create ns cert-manager")
    try refused(
      "kubectl apply -f -",
      #"no matches for kind "Issuer" in version "cert-manager.io/v1""# + "\nensure CRDs are installed first",
      input: Self.object("Issuer", "x"))
    // As the real one does, what can be applied is applied.
    try refused(
      "kubectl apply -f -", "no matches for kind", input: Self.object("Issuer", "x") + Self.object("ConfigMap", "there")
    )
    try done("kubectl get configmap there -n cert-manager")
    try refused(
      "kubectl apply -n default -f -", #"the namespace from the provided object "cert-manager" does not match"#,
      input: Self.object("ConfigMap", "x"))
    try refused("kubectl apply -f -", "apiVersion not set, kind not set", input: "{}")
    try refused("kubectl apply -f -", "no objects passed to apply", input: "")
    try refused(
      "kubectl apply -f -", "illegal base64 data",
      input: Self.object("Secret", "x", #""data": {"k": "not base64"}"#))
  }

  @Test func `labels and annotations are not overwritten unasked`() throws {
    try cluster()
    #expect(try done("kubectl label ns default a=1") == "namespace/default labeled\n")
    #expect(try done("kubectl label ns default a=1") == "namespace/default not labeled\n")
    try refused("kubectl label ns default a=2", "'a' already has a value (1), and --overwrite is false")
    try done("kubectl label ns default a=2 --overwrite")
    try done("kubectl annotate ns default b=1")
    try refused(
      "kubectl annotate ns default b=2", "--overwrite is false but found the following declared annotation(s)")
    try done("kubectl annotate ns default b- a.b/c=3")
    #expect(try done("kubectl get ns default -o jsonpath={.metadata.annotations}") == #"{"a.b/c":"3"}"#)
    #expect(try done("kubectl get ns -l a=2 -o name") == "namespace/default\n")
  }

  @Test func `a namespace takes all that is in it along`() throws {
    try cluster()
    try done("kubectl create ns n")
    try done("kubectl apply -f -", input: Self.object("ConfigMap", "x", namespace: "n"))
    let slow = ["NBX_STANDIN_DELAY": "30"]
    try done("kubectl delete ns n --wait=false", slow)
    try refused(
      "kubectl apply -f -", "because it is being terminated", input: Self.object("ConfigMap", "y", namespace: "n"), slow
    )
    try refused("kubectl delete ns n --timeout=1s", "timed out waiting for the condition", slow)
    try world.reset()
    try cluster()
    try done("kubectl create ns n")
    try done("kubectl apply -f -", input: Self.object("ConfigMap", "x", namespace: "n"))
    try done("kubectl delete ns n")
    try refused("kubectl get ns n", "NotFound")
    try refused("kubectl delete ns n", #"namespaces "n" not found"#)
    try done("kubectl delete ns n --ignore-not-found")
    try done("kubectl create ns n")
    try refused("kubectl get configmap x -n n", "NotFound")
  }

  @Test func `waiting`() throws {
    try cluster()
    try refused("kubectl wait pod/x --for=condition=Ready --timeout=20s", #"(NotFound): pods "x" not found"#)
    try refused("kubectl wait pods -l a=b --for=condition=Ready", "no matching resources found")
    try done("kubectl wait ns/x --for=delete")
    try done("kubectl wait ns/default --for=jsonpath={.status.phase}=Active")
    try refused(
      "kubectl wait ns/default --for=jsonpath={.status.phase}=Gone --timeout=1s",
      "error: timed out waiting for the condition on namespaces/default")
  }

  @Test func `a JSON patch`() throws {
    try cluster()
    try done("kubectl apply -f -", input: Self.object("ConfigMap", "m", #""data": {"a": "1"}"#, namespace: "default"))
    try done(#"kubectl patch cm m --type json -p [{"op":"add","path":"/data/b.c","value":"2"}]"#)
    #expect(try done(#"kubectl get cm m -o jsonpath={.data.b\.c}"#) == "2")
    try refused(
      #"kubectl patch cm m --type json -p [{"op":"remove","path":"/data/none"}]"#, "The request is invalid")
    try refused("kubectl patch cm m", "must specify --patch or --patch-file")
  }
}
