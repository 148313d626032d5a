import ValuesAndCommands

/// What to do next, by what a program said before it failed.
struct ProgramAdvice {
  let program: ProgramCall
  let call: Invocation
  let ownership: ClusterOwnership

  /// Searching megabytes for some fifty phrases takes seconds, and errors stand at the end, if not at the beginning.
  private static func searchedPart(of said: String) -> String {
    let size = 16 << 10
    guard said.utf8.count > 2 * size else { return said }
    return String(decoding: said.utf8.prefix(size), as: UTF8.self) + "\n"
      + String(decoding: said.utf8.suffix(size), as: UTF8.self)
  }

  /// Nil where nothing is known to help. What says more stands first: a webhook that is not up yet is refused a
  /// connection too.
  func advice(after said: String) -> String? {
    let said = ProgramAdvice.searchedPart(of: said).lowercased()
    func says(_ parts: String...) -> Bool { parts.contains { said.contains($0) } }

    if says("permission denied while trying to connect to the docker") {
      return "let your user reach Docker: sudo usermod -aG docker $USER, then log in again"
    }
    if says("cannot connect to the docker daemon", "docker daemon is not running", "is the docker daemon running") {
      return "start Docker: sudo systemctl start docker; on macOS: open -a Docker"
    }
    if says(
      "/dev/tty", "not a tty", "not a terminal", "no tty", "terminal is required", "terminal prompts disabled",
      "could not read username", "could not read password")
    {
      return "programs have no terminal to ask at here: give what it asks for by a flag, a file, the environment or"
        + " `with`, and leave out flags that want one, as -t"
    }
    if says("port is already allocated", "address already in use") {
      return "another program listens on that port: docker ps shows containers, nbx doctor --target k3d who has which"
    }
    if says("unknown flag", "unknown command", "unknown shorthand flag") {
      return "this \(program.programName) may be too old for it: nbx doctor --target \(ownership.target)"
    }
    if says("no cached repo found", "no repositories") || said.contains("repo ") && says("not found") {
      return "nbx run recipes/repos.nbx"
    }
    if program.programName == "helm", says("matching") && says("not found in") {
      return "fetch the newest lists: nbx run recipes/repos.nbx; `helm search repo NAME --versions` shows what there is"
    }
    if says("is not a valid chart repository or cannot be reached") {
      return "where charts come by way of a mirror, say its address: chart_urls='{ nats: \"https://…\" }',"
        + " or once, yourself: helm repo add NAME URL"
    }
    if says("chart requires kubeversion") {
      return
        "the cluster is too old for this chart: nbx doctor --target \(ownership.target); or take an older chart, as with"
        + " linkerd_version=2025.4.4 (nbx run RECIPE --help lists such parameters)"
    }
    if says("no such host", "temporary failure in name resolution") {
      return "that name has no address: is this machine on the network?"
    }
    return clusterAdvice(said, says)
  }

  private func clusterAdvice(_ said: String, _ says: (String...) -> Bool) -> String? {
    if says("error loading config file") {
      return "the kubeconfig cannot be read: kubectl config view; KUBECONFIG names its files, apart by colons"
    }
    if says("context") && says("does not exist", "no context exists", "was not found for specified context") {
      return ownership == .foreign
        ? "say which context is whose: --context c1=NAME; `kubectl config get-contexts -o name` lists them"
        : "make the clusters: \(recipe("create"))"
    }
    if says("failed calling webhook", "no endpoints available for service") {
      return "a webhook is not up yet: wait for its pods, then run it again; kubectl get pods -A\(contextWords)"
    }
    if says("no matches for kind", "doesn't have a resource type", "ensure crds are installed first") {
      return crdAdvice(said)
    }
    if says("must specify one of -f and -k"), call.document != nil { return "add -f - to the words" }
    if says("namespaces \""), says("not found") {
      return program.programName == "helm" ? "add --create-namespace" : "make it first: kubectl create namespace NAME"
    }
    if says("cannot re-use a name that is still in use") { return "write helm upgrade --install" }
    if says("errimagepull", "imagepullbackoff", "toomanyrequests:", "failed to pull image") {
      return "an image does not come: kubectl get events\(namespaceWords) --sort-by=.lastTimestamp\(contextWords)"
    }
    if says("invalid ownership metadata") { return foreignObjectAdvice(said) }
    if says("timed out waiting", "context deadline exceeded", "not ready. status: inprogress") {
      return "look what is not ready: kubectl get pods\(namespaceWords)\(contextWords);"
        + " kubectl get events\(namespaceWords) --sort-by=.lastTimestamp\(contextWords)"
    }
    if says("because it is being terminated") {
      return "the namespace is being deleted: wait until it is gone, then run it again"
    }
    if says("(forbidden)", "unauthorized", "must be logged in", "to provide credentials") {
      return "the user of this context may not do it, or is not known there: kubectl auth whoami\(contextWords)"
    }
    if says(
      "connection refused", "was refused", "cluster unreachable", "unable to connect to the server", "i/o timeout",
      "tls handshake timeout", "no route to host", "current server api group list", "error from server (internalerror)",
      "error from server (serviceunavailable)", "error from server (toomanyrequests)")
    {
      return ownership == .ours
        ? "the clusters may be stopped: \(recipe("start"))" : "does it run? kubectl cluster-info\(contextWords)"
    }
    return nil
  }

  /// helm takes nothing into a release that it did not make for it.
  private func foreignObjectAdvice(_ said: String) -> String {
    let object = said.firstMatch(of: /([a-z0-9]+) "([^"]+)" in namespace "([^"]*)" exists/)
    let words = object.map { found in
      "\(found.1) \(found.2)" + (found.3.isEmpty ? "" : " -n \(found.3)")
    }
    return """
      helm means: \(words ?? "an object of this chart") is there and no part of this release: somebody else made it
      whose it is say its labels and annotations: kubectl get \(words ?? "KIND NAME") -o yaml\(contextWords)
      use what is there (nbx's own recipes do so with NAME=existing, as in cert_manager=existing), or delete it first;
      helm takes over what is there with --take-ownership
      """
  }

  /// Which stage brings a kind of object that the cluster does not know.
  private func crdAdvice(_ said: String) -> String {
    let stages = [
      ("monitoring.coreos.com", "prometheus"), ("podmonitor", "prometheus"), ("haproxy", "ingress"),
      ("multicluster", "linkerd/multicluster"), ("linkerd", "linkerd/control-plane"), ("cert-manager", "cert-manager"),
      ("certificate", "cert-manager"),
      ("issuer", "cert-manager"), ("bundle", "cert-manager"),
    ]
    guard let stage = stages.first(where: { said.contains($0.0) }) else {
      return "install what brings this kind of object first"
    }
    return "its kind comes with another stage: \(recipe(stage.1))"
  }

  private func recipe(_ name: String) -> String {
    (["nbx run recipes/\(name).nbx"] + call.clusters.map(\.name)).joined(separator: " ")
  }

  private var contextWords: String {
    call.cluster?.contextText.map { " \(Text(words: ["--context", $0]).masked)" } ?? ""
  }

  private var namespaceWords: String {
    let words = ProgramWords(program.arguments, of: program.programName)
    return words.values(of: "--namespace", "-n").last.map { " -n \($0)" } ?? " -A"
  }

  /// How to get a program that is missing.
  static func installation(of program: String, searched: String) -> String {
    guard let requirement = Requirements.known.first(where: { $0.program == program }) else {
      return searched.isEmpty ? "look at the path" : "install it, or add its folder to the PATH (searched: \(searched))"
    }
    return (requirement.installation + ["nbx doctor --target k3d tells what else is missing"]).joined(separator: "\n")
  }
}
