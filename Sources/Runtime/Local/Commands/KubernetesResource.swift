import Interpreter

/// What a call of kubectl is about: `pods`, `pod c1-nats-0`, `pod/c1-nats-0 pod/c1-nats-1`.
struct KubernetesResource {
  enum Kind {
    case pod, statefulSet, namespace
  }

  let kind: Kind
  let names: [Text]

  /// - Parameter words: behind the verb; the first is the kind, or has it before a slash.
  init(_ words: [Text], of verb: String) throws(CommandFailure) {
    guard let first = words.first else { throw CommandFailure(.misused, "`kubectl \(verb)` needs a kind, as pods") }
    let hasSlash = first.string.utf8.contains(UInt8(ascii: "/"))
    kind = try Self.kind(hasSlash ? Self.parts(of: first).kind : first)
    guard hasSlash else {
      names = Array(words.dropFirst())
      return
    }
    var names: [Text] = []
    for word in words {
      let (kindOfWord, name) = Self.parts(of: word)
      guard try Self.kind(kindOfWord) == kind else {
        throw CommandFailure(.misused, "`kubectl \(verb)` takes things of one kind at a time here")
      }
      names.append(name)
    }
    self.names = names
  }

  /// `c1-nats-0` or `pod/c1-nats-0`
  init(pod word: Text) throws(CommandFailure) {
    let hasSlash = word.string.utf8.contains(UInt8(ascii: "/"))
    try self.init(hasSlash ? [word] : ["pod", word], of: "logs")
  }

  private static func parts(of word: Text) -> (kind: Text, name: Text) {
    let bytes = Array(word.string.utf8)
    let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? 0
    return (word.slice(0..<slash), word.slice(min(slash + 1, bytes.count)..<bytes.count))
  }

  private static func kind(_ word: Text) throws(CommandFailure) -> Kind {
    switch word.string {
    case "pod", "pods", "po": .pod
    case "statefulset", "statefulsets", "sts", "statefulset.apps", "statefulsets.apps": .statefulSet
    case "namespace", "namespaces", "ns": .namespace
    default:
      throw KubectlCommand.unknown(
        "`\(word.masked)` is something that a Kubernetes API knows (here: pods, statefulsets, namespaces)")
    }
  }
}
