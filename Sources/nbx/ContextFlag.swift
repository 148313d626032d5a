/// `--context CLUSTER=CONTEXT`: by which kube context a cluster is reached.
enum ContextFlag {
  static func add(_ text: String, to contexts: inout [String: String]) throws(Usage) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else {
      throw Usage(message: "`--context` takes CLUSTER=CONTEXT, not `\(text)`", advice: "--context c1=eks-west")
    }
    contexts[String(parts[0])] = String(parts[1])
  }
}
