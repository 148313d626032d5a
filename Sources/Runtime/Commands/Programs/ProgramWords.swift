import Interpreter

extension ProgramGrammar {
  /// What is known of the words of a program of that name.
  static func of(_ program: String) -> ProgramGrammar {
    switch program {
    case "helm": HelmGrammar.grammar
    case "kubectl": KubectlGrammar.grammar
    case "linkerd": linkerd
    default: unknown
    }
  }

  private static let unknown = ProgramGrammar([])

  private static let linkerd = ProgramGrammar(
    [],
    otherFlags: [
      "": """
      --api-addr= --api-server-address= --as= --as-group= --cluster-name= --cni-namespace= --context=
      --gateway-addresses= --gateway-name= --gateway-namespace= --kubeconfig= --linkerd-namespace= -L= --namespace= -n=
      --output= -o= --service-account-name= --set= --values= -f=
      """
    ])
}

extension ProgramWords {
  init(_ words: [Text], of program: String) { self.init(words.map { $0 }, of: ProgramGrammar.of(program)) }

  /// Whether the program could give JSON and is not told in which format it shall answer: `kubectl get` without `-o`.
  func leavesFormatOpen(of program: String) -> Bool {
    program == "kubectl" && verb == "get" && !has("--output", "-o")
  }
}
