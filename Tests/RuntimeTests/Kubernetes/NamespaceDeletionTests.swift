import Interpreter
import TestSupport
import Testing

/// Namespaces that are being deleted, and stay.
@Suite(.mayWait) struct NamespaceDeletionTests {
  private static let unanswering = #"""
    {"phase": "Terminating", "conditions": [
      {"type": "NamespaceDeletionDiscoveryFailure", "status": "True", "reason": "DiscoveryFailed",
       "message": "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: \#
    tap.linkerd.io/v1alpha1: stale GroupVersion discovery: tap.linkerd.io/v1alpha1"},
      {"type": "NamespaceContentRemaining", "status": "False", "message": "All content successfully removed"}]}
    """#

  /// Programs that fail with these words, and a namespace that looks so when it is asked about.
  private func fixture(_ said: String, status: String) throws -> ProgramFixture {
    let programs = try ProgramFixture()
    let body = """
      if [ "$1 $2" = "get namespace" ]; then cat <<'END'
      {"kind": "Namespace", "status": \(status)}
      END
      exit 0; fi
      cat >&2 <<'END'
      \(said)
      END
      exit 1
      """
    for name in ["kubectl", "helm"] { try programs.program(name, body) }
    return programs
  }

  @Test(arguments: [
    (
      "kubectl apply -f -",
      #"Error from server (Forbidden): error when creating "STDIN": configmaps "m" is forbidden: unable to create new "#
        + "content in namespace linkerd-viz because it is being terminated"
    ),
    (
      "helm upgrade --install linkerd-viz a/b -n linkerd-viz",
      #"Error: create: failed to create: secrets "sh.helm.release.v1.linkerd-viz.v1" is forbidden: unable to create new "#
        + "content in namespace linkerd-viz because it is being terminated"
    ),
    (
      "kubectl delete namespace linkerd-viz --timeout 1s",
      "error: timed out waiting for the condition on namespaces/linkerd-viz"
    ),
  ]) func itsStatusSaysWhy(line: String, said: String) throws {
    let programs = try fixture(said, status: Self.unanswering)
    let advice = try programs.failure(line).advice ?? ""
    #expect(advice.contains("the namespace linkerd-viz is being deleted, and waits:"), "\(advice)")
    #expect(advice.contains("1 failing: unable to retrieve the complete list of server APIs"))
    #expect(!advice.contains("successfully removed"))
    #expect(advice.contains("kubectl delete apiservice v1alpha1.tap.linkerd.io --context k3d-c1"))
    #expect(programs.calls.last == "kubectl get namespace linkerd-viz --ignore-not-found -o json --context k3d-c1")
  }

  @Test func aFinalizerIsNamed() throws {
    let said = "error: timed out waiting for the condition on namespaces/x"
    let message = "Some content in the namespace has finalizers remaining: example.org/hold in 1 resource instances"
    let programs = try fixture(
      said,
      status: #"""
        {"phase": "Terminating", "conditions": [{"type": "NamespaceFinalizersRemaining", "status": "True",
         "message": "\#(message)"}]}
        """#)
    let advice = try programs.failure("kubectl wait --for=delete namespace/x").advice ?? ""
    #expect(advice.contains(message) && advice.contains("kubectl edit KIND NAME -n x --context k3d-c1"), "\(advice)")
  }

  @Test func whatGoesByItselfIsWaitedFor() throws {
    let said = "unable to create new content in namespace x because it is being terminated"
    let programs = try fixture(said, status: #"{"phase": "Terminating"}"#)
    #expect(
      try programs.failure("kubectl apply -f -").advice
        == "the namespace x is being deleted: kubectl wait --for=delete namespace/x --context k3d-c1")
    // Nobody who asks: it is still no question of permissions.
    try programs.program("kubectl", "echo '(Forbidden): in namespace x because it is being terminated' >&2; exit 1")
    #expect(
      try programs.failure("kubectl apply -f -").advice
        == "the namespace is being deleted: wait until it is gone, then run it again")
  }
}
