import TestSupport
import Testing

/// `docker exec` and `docker run` with what `link` needs of them, and what tc and nft make of it.
@Suite(.mayWait) struct StandInLinkTests: StandInSuite {
  let world: StandIns

  init() throws {
    world = try StandIns()
    try done("docker network create linkerd-idc")
    try cluster()
  }

  private static let run =
    "docker run --rm --interactive --net container:k3d-c1-agent-0 --cap-add NET_ADMIN --entrypoint sh"
    + " nicolaka/netshoot:v0.13 -e"

  private func file() throws -> String { try done("docker exec k3d-c1-server-0 cat /run/nbx-links.json") }

  private func write(_ text: String, _ flags: String = "--interactive ") throws {
    let words = "docker exec \(flags)k3d-c1-server-0 sh -c".split(separator: " ").map(String.init)
    let ended = try world.run(words: words + ["cat > /run/nbx-links.json"], input: text)
    #expect(ended.status == 0, "\(ended.errorOutput)")
  }

  @Test func `a file in a node's memory goes with the node`() throws {
    try refused("docker exec k3d-c1-server-0 cat /run/nbx-links.json", "No such file or directory")
    try write("{}")
    #expect(try file() == "{}")
    try write("lost", "")
    #expect(try file() == "")
    try done("k3d cluster stop c1")
    try refused("docker exec k3d-c1-server-0 cat /run/nbx-links.json", "is not running")
    try done("k3d cluster start c1")
    try refused("docker exec k3d-c1-server-0 cat /run/nbx-links.json", "No such file or directory")
    try refused("docker exec k3d-c9-server-0 cat /x", "No such container: k3d-c9-server-0")
    try refused("docker exec k3d-c1-server-0 tc qdisc", "executable file not found", code: 127)
  }

  @Test func `who has which address is told by the network`() throws {
    let told = try world.run(
      words: ["docker", "network", "inspect", "--format", "{{json .Containers}}", "linkerd-idc"])
    let tree = try JSONTree(told.output)
    let containers = tree.keys.map { tree[$0] }
    #expect(containers.count == 4)
    #expect(Set(containers.compactMap { $0["IPv4Address"].text }).count == 4)
    #expect(containers.contains { $0["Name"] == .text("k3d-c1-agent-1") })
  }

  @Test func `a container beside a node needs its rights and its programs`() throws {
    try refused(Self.run.replacing("agent-0", with: "agent-7"), "No such container: k3d-c1-agent-7", code: 125)
    try refused(Self.run.replacing("--interactive ", with: ""), "the stand-in knows", code: 125)
    try refused(Self.run.replacing("nicolaka/netshoot:v0.13", with: "nobody/nothing"), "pull access denied", code: 125)
    let script = "tc qdisc replace dev eth0 root pfifo\n"
    try refused(Self.run.replacing("--cap-add NET_ADMIN ", with: ""), "not permitted", code: 2, input: script)
    try refused(
      Self.run.replacing("nicolaka/netshoot:v0.13", with: "alpine"), "tc: not found", code: 127, input: script)
    try done(Self.run, input: script)
    #expect(try done("docker image inspect --format {{.Id}} nicolaka/netshoot:v0.13").hasPrefix("sha256:"))
    try refused("docker image inspect --format {{.Id}} alpine:3", "No such image: alpine:3")
    try done("docker pause k3d-c1-agent-0")
    try done("k3d cluster stop c1")
    try refused(Self.run, "non running container", code: 125)
  }

  @Test(arguments: [
    ("tc qdisc del dev eth0 root", "Cannot delete qdisc with handle of zero"),
    ("tc qdisc add dev eth0 parent 1:2 handle 20: netem limit 10 delay 1us", "Failed to find specified qdisc"),
    ("tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 1.2.3.4/32 flowid 1:2", "Failed to find"),
    ("nft -f - <<'END'\ndelete table ip nbx\nEND", "No such file or directory"), ("iptables -L", "iptables: not found"),
  ]) func `what tc and nft would refuse`(script: String, said: String) throws {
    let ended = try world.run(Self.run, input: script + "\n")
    #expect(ended.status != 0)
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }
}
