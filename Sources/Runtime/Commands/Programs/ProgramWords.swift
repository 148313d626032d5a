import Interpreter

/// A program's words as the program reads them: which is a flag, which a flag's value, which stands for itself. All the
/// programs here read theirs in the same way; which flags take a value is each one's own.
struct ProgramWords {
  private(set) var positionals: [Text] = []
  private var flags: [(name: String, value: Text?)] = []

  /// The word that says what the program is to do.
  var verb: String { positionals.first?.string ?? "" }

  /// Whether one of the spellings of a flag is among the words.
  func has(_ names: String...) -> Bool { flags.contains { names.contains($0.name) } }

  /// What the flag was given, by any of its spellings.
  func values(of names: String...) -> [Text] { flags.filter { names.contains($0.name) }.compactMap(\.value) }

  /// Whether the program could give JSON and is not told in which format it shall answer: `kubectl get` without `-o`.
  func leavesFormatOpen(of program: String) -> Bool {
    program == "kubectl" && verb == "get" && !has("--output", "-o")
  }

  init(_ words: [Text], of program: String) {
    let valued = ProgramWords.flagsWithValue[program] ?? []
    var rest = words[...]
    while let word = rest.popFirst() {
      let text = word.string
      if text == "--" { break }
      if text.hasPrefix("--") {
        if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
          flags.append(
            (String(text[..<equals]), word.tail(from: text.utf8.distance(from: text.startIndex, to: equals) + 1)))
        } else {
          flags.append((text, valued.contains(text) ? rest.popFirst() : nil))
        }
      } else if text.hasPrefix("-"), text.utf8.count > 1 {
        readShorthands(word, valued, &rest)
      } else {
        positionals.append(word)
      }
    }
  }

  /// `-n nats`, `-nnats`, `-n=nats`, and several in one word, `-Ao json`.
  private mutating func readShorthands(_ word: Text, _ valued: Set<String>, _ rest: inout ArraySlice<Text>) {
    var offset = 1
    for letter in word.string.unicodeScalars.dropFirst() {
      let flag = "-\(letter)"
      offset += UTF8.width(letter)
      var tail = word.tail(from: offset)
      let isAssigned = tail.string.hasPrefix("=")
      if isAssigned { tail = tail.slice(1..<tail.string.utf8.count) }
      guard valued.contains(flag) || isAssigned else {
        flags.append((flag, nil))
        continue
      }
      flags.append((flag, tail.string.isEmpty && !isAssigned ? rest.popFirst() : tail))
      return
    }
  }

  private static let flagsWithValue: [String: Set<String>] = [
    "kubectl": [
      "--as", "--as-group", "--as-uid", "--cache-dir", "--certificate-authority", "--client-certificate",
      "--client-key", "--cluster", "--context", "--kubeconfig", "--namespace", "-n", "--password", "--profile",
      "--profile-output", "--request-timeout", "--server", "-s", "--tls-server-name", "--token", "--user", "--username",
      "--v", "-v", "--vmodule", "--output", "-o", "--selector", "-l", "--field-selector", "--filename", "-f",
      "--kustomize", "-k", "--label-columns", "-L", "--sort-by", "--template", "--chunk-size", "--raw", "--subresource",
      "--for", "--timeout", "--from-literal", "--from-file", "--from-env-file", "--type", "--patch", "-p",
      "--patch-file", "--grace-period", "--replicas", "--container", "-c", "--tail", "--since", "--field-manager",
    ],
    "helm": [
      "--namespace", "-n", "--version", "--values", "-f", "--set", "--set-string", "--set-json", "--set-file",
      "--set-literal", "--timeout", "--kube-context", "--kubeconfig", "--repo", "--username", "--password", "--ca-file",
      "--cert-file", "--key-file", "--keyring", "--description", "--history-max", "--post-renderer",
      "--post-renderer-args", "--output", "-o", "--labels", "-l", "--burst-limit", "--qps", "--kube-apiserver",
      "--kube-as-user", "--kube-as-group", "--kube-ca-file", "--kube-token", "--kube-tls-server-name",
      "--registry-config", "--repository-cache", "--repository-config", "--server-side", "--max", "--revision",
    ],
    "linkerd": [
      "--context", "--kubeconfig", "--linkerd-namespace", "-L", "--cni-namespace", "--namespace", "-n", "--output",
      "-o", "--as", "--as-group", "--api-addr", "--cluster-name", "--api-server-address", "--gateway-addresses",
      "--service-account-name", "--set", "--values", "-f", "--gateway-name", "--gateway-namespace",
    ],
  ]
}

extension Text {
  /// What stands behind so many bytes.
  fileprivate func tail(from offset: Int) -> Text { slice(offset..<string.utf8.count) }
}
