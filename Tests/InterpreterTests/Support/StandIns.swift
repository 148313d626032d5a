import Interpreter

/// The commands of the real program by name; those that reach out of this process are only checked.
struct StandIns: Host {
  static let outside = [
    "region", "link", "fault", "helm", "kubectl", "k3d", "docker", "linkerd", "nats", "http", "page", "write", "exec",
  ]

  let commands: [any Command] = (outside + ["sleep"]).map { name in
    TestCommand(name: name) { _ in .null }
  }
  var constants: [HostConstant] { [HostConstant("target") { ["name": "local", "kubernetes": false] }] }
}
