import Foundation
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// What may befall the relay between regions and whoever sets links, in one sandbox of real servers: nothing hangs, nothing
/// that was acknowledged is lost, and `ExperimentSandbox.end` looks whether anything is left behind.
@Suite(.serialized, .withADozenServers, .withDozenSandbox, .enabled(if: Campaign.isWhole)) struct RelayFaults {
  let sandbox: ExperimentSandbox
  private let folders: SandboxFolders

  init() throws {
    sandbox = try ExperimentSandbox.shared
    folders = SandboxFolders(root: sandbox.nbx.folder + "/home/local")
  }

  /// The relay as its record has it.
  private func relay() throws -> ProcessIdentity {
    guard case .state(let record) = StateFile.read(folders.relayRecord, as: RelayRecord.self),
      let process = record.process
    else { throw TestServerError(description: "no record of the relay") }
    return process
  }

  /// Runs a recipe that has the experiments' tasks at hand, and looks whether it leaves anything.
  private func run(_ recipe: String) throws {
    let head = "clusters c1 c2 c3\nuse \"\(NbxProgram.repository)/recipes/lib/experiments.nbx\"\n"
    let ended = try sandbox.run(recipe: try sandbox.nbx.write(head + recipe + "\n", to: "relay-faults.nbx"))
    #expect(ended.status == 0, "\(ended.output)\n\(ended.errorOutput)")
  }

  /// Runs a recipe that leaves something set for the next one.
  private func runFirst(_ recipe: String) throws {
    let ended = try sandbox.nbx.run(["run", "<relay-first>"] + sandbox.regions, recipe: recipe + "\n")
    #expect(ended.status == 0, "\(ended.output)\n\(ended.errorOutput)")
  }

  /// A stretched stream to which clients of all regions write while something happens, and what became of it in the end.
  private func run(whileWriting happening: String) throws {
    try run(
      """
      let before = connections_at_rest()
      remove_streams(["FAULTS"])
      defer { remove_streams(["FAULTS"]) }
      defer { whole_again(before) }
      defer { link heal }
      let _made = nats stream add FAULTS --subjects "faults.*" --replicas 3 --cluster xr-js
      let load = { subject: "faults", phase: "faults", pause: 20ms, patience: 2m }
      task happens() {
        sleep 500ms
        \(happening)
      }
      let done = parallel {
        write_everywhere(clusters, 4s, load)
        happens()
      }
      whole_again(before)
      let stored = messages("FAULTS", "c2")
      assert refused_texts(done.first) == [], "every write is acknowledged in the end"
      assert acknowledged_texts(done.first).count > 0, "somebody wrote"
      assert acknowledged_texts(done.first) - stored == [], "nothing acknowledged is lost"
      assert stored.unique.count == stored.count, "nothing is there twice"
      """)
  }

  // MARK: The relay

  @Test func `one that is killed under load comes back with what was set, and nothing is lost`() throws {
    let relay = try relay()
    try run(
      whileWriting: """
        link set c1 c2 --rtt 6ms
        exec kill -9 \(relay.pid)
        wait-for not (link list).any(l => l.open != null) within 1m "nobody answers for the relay"
        region start c1
        wait-for (link list).all(l => (l.open ?? 0) > 0) within 2m "all meet again"
        assert (link list).filter(l => l.from == "c1" and l.to == "c2").all(l => l.rtt == 6ms), "what was set holds"
        """)
    #expect(!relay.isAlive)
    #expect(try self.relay().isAlive)
  }

  @Test func `two thousand connections that say nothing or nonsense keep nobody else from passing`() throws {
    let process = try relay()
    guard case .state(let orders) = StateFile.read(folders.relayOrders, as: RelayOrders.self),
      let gateway = orders.listeners.first(where: { $0.region == "c1" && $0.network == .gateways })
    else { throw TestServerError(description: "the relay listens for no gateway of c1") }
    let crowd = try sandbox.nbx.write(Self.crowd, to: "crowd.py")
    let seen = sandbox.nbx.folder + "/crowd-is-there"
    try run(
      """
      link set c1 c2 --rtt 6ms
      defer { link heal }
      let before = connections_at_rest()
      let _said = during exec python3 \(crowd) \(gateway.port) 2000 \(seen) {
        wait-for exists("\(seen)") within 2m "all are connected"
        let found = nats latency faults.crowd --to c1 --msgs 20 --rate 100 on "c2"
        assert found.received == 20 and found.latency.min >= 3ms, "between servers all passes as it is set"
        link set c1 c2 --rtt 8ms
        assert (link list).filter(l => l.from == "c2" and l.to == "c1").all(l => l.rtt == 8ms and l.open > 0)
        wait-for connections() == before within 1m "no server misses another one"
        exec rm \(seen)
        wait-for exists("\(seen)") within 2m "the server has hung up on each of them"
      }
      """)
    #expect(try process.isAlive && relay() == process)
    #if os(Linux)
      // What they took is given back.
      try eventually {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/fd").count < 500
      }
    #endif
  }

  /// Connects so often to a port; half of them say nothing, half of them nonsense. It makes a file once each has heard the
  /// server's greeting or was hung up on, and once more when the server has hung up on all.
  private static let crowd = """
    import os, resource, selectors, socket, sys, time
    port, count, seen = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    ready = selectors.DefaultSelector()
    def said(peer):
        try:
            return len(peer.recv(65536)) > 0
        except OSError:
            return False
    quiet, gone = set(), 0
    for number in range(count):
        peer = socket.create_connection(("127.0.0.1", port))
        if number % 2:
            try:
                peer.sendall(b"\\x16\\x03\\x01 GET / HTTP/1.1\\r\\n\\x00\\xff" * 40 + b"\\r\\n")
            except OSError:
                pass
        ready.register(peer, selectors.EVENT_READ)
        quiet.add(peer)
    there = set(quiet)
    def listen():
        for key, _ in ready.select(1):
            quiet.discard(key.fileobj)
            if not said(key.fileobj):
                ready.unregister(key.fileobj)
                there.discard(key.fileobj)
                key.fileobj.close()
    while quiet:
        listen()
    open(seen, "w").close()
    while there:
        listen()
    while os.path.exists(seen):
        time.sleep(0.01)
    open(seen, "w").close()
    time.sleep(600)
    """

  // MARK: Whoever sets links

  @Test func `an nbx that is killed amid setting links leaves them as they were or as they should be`() throws {
    let recipe = try sandbox.nbx.write(
      "foreach i in 1..2000 { link set c1 c2 --rtt ${i * 10us} }\n", to: "sets.nbx")
    let script = "\"$1\" run \"$2\" c1 c2 c3 & pid=$!; sleep \"$3\"; kill -9 $pid; wait $pid"
    let process = try relay()
    for number in 1...6 {
      var shell = Subprocess("sh", ["-c", script, "sh", NbxProgram.path, recipe, "0.\(number * 7)"])
      shell.environment = sandbox.nbx.environment
      #expect(try shell.run().status == .exited(code: 128 + SIGKILL))
      try runFirst(
        """
        let set = (link list).filter(l => l.from in ["c1", "c2"] and l.to in ["c1", "c2"])
        assert set.count == 4 and set.map(l => l.delay).unique.count == 1, "all of a link is set, or nothing"
        assert set.all(l => l.open > 0), "the relay answers"
        link set c1 c2 --rtt \(number)ms
        assert (link list).filter(l => l.from == "c1" and l.to == "c2").all(l => l.rtt == \(number)ms)
        """)
    }
    try run("link heal")
    #expect(try relay() == process)
  }

  @Test func `on a full disk links stay as they are, and are set once there is room`() throws {
    let recipe = try sandbox.nbx.write("link cut c1 c2\n", to: "cuts.nbx")
    // No file may have a byte: the words go into pipes.
    let script = "trap '' XFSZ; ulimit -f 0; \"$1\" run \"$2\" c1 c2 c3"
    var shell = Subprocess("sh", ["-c", script, "sh", NbxProgram.path, recipe])
    shell.environment = sandbox.nbx.environment
    try runFirst("link set c1 c2 --rtt 4ms")
    let ended = try shell.run()
    #expect(ended.status == .exited(code: 1))
    let said = String(decoding: ended.errorOutput, as: UTF8.self)
    #expect(said.contains("link cut failed (cannot write \(folders.relayOrders): File too large"), "\(said)")
    try run(
      """
      assert (link list).filter(l => l.from == "c1" and l.to == "c2").all(l => l.rtt == 4ms and l.cut == null and l.open > 0)
      let found = nats latency faults.disk --to c2 --msgs 5 --rate 100 on "c1"
      assert found.received == 5, "nothing is cut"
      link set c1 c2 --rtt 6ms
      assert (link list).filter(l => l.from == "c1" and l.to == "c2").all(l => l.rtt == 6ms)
      link heal
      """)
  }

  // MARK: Cuts

  @Test func `what is cut under load goes on once it is healed under load`() throws {
    try run(
      whileWriting: """
        link set --over routes with { "c1 c2": { rtt: 4ms }, "c1 c3": { loss: "0.5%" } }
        link cut c1
        sleep 1s
        link heal
        assert (link list).all(l => l.cut == null and l.rtt == 0s and l.loss == 0), "all is as it was made"
        """)
  }

  @Test func `servers that speak TLS to each other pass it, and are cut as others are`() throws {
    let folder = sandbox.nbx.folder
    let made = try Subprocess(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=relay", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(folder)/key.pem", "-out",
        "\(folder)/certificate.pem",
      ], environment: sandbox.nbx.environment
    ).run()
    try #require(made.succeeded, "\(String(decoding: made.errorOutput, as: UTF8.self))")
    try run(
      """
      let pair = clusters.take(2)
      let tls = {
        cert_file: "\(folder)/certificate.pem", key_file: "\(folder)/key.pem", ca_file: "\(folder)/certificate.pem"
        verify: true, timeout: 5
      }
      task all() { return nats server list --server nats://tls-nats.tls:4222 --user sys --password sys }
      defer { foreach cluster in pair { kubectl delete namespace tls } }
      defer { link heal }
      foreach cluster in pair parallel {
        let routes = ["nats://tls-nats-0.tls-nats-headless$end:6222" for end in ["", "-${(pair - cluster).first}"]]
        helm upgrade --install tls nats/nats --namespace tls --create-namespace --wait
          with {
            natsBox.enabled: false
            config.serverNamePrefix: "$cluster-"
            config.cluster: { enabled: true, replicas: 1, merge: { name: "tls", tls: tls, routes: routes } }
            config.merge: { accounts: { '$SYS': { users: [{ user: "sys", password: "sys" }] } }, system_account: '$SYS' }
          }
      }
      wait-for all().count == 2 within 1m "they meet"
      link set c1 c2 --rtt 10ms
      wait-for all().map(s => s.rtt).max >= 10ms within 1m "what is set holds for them"
      link cut c1 c2 --refuse
      wait-for all().count == 1 within 1m "they miss each other"
      link heal
      wait-for all().count == 2 within 1m "they meet again"
      wait-for (nats server list).count == 12 within 2m "and so do the others"
      """)
  }

  @Test func `whoever would wait for what is cut is told so`() throws {
    try runFirst("link cut c3 --one-way")
    let ways = "from c3 to c1, c3 to c2"
    for recipe in ["verify", "install"] {
      let ended = try sandbox.nbx.run(["run", "recipes/\(recipe).nbx"] + sandbox.regions + ["replicas=1"])
      #expect(ended.status == 1)
      #expect(ended.errorOutput.contains("nothing passes \(ways)"), "\(ended.errorOutput)")
    }
    let started = try sandbox.nbx.run(["run", "recipes/start.nbx"] + sandbox.regions)
    #expect(started.status == 0, "\(started.errorOutput)")
    #expect(started.output.contains("nobody waits until all answer: \(ways)"), "\(started.output)")
    try run("link heal\nwait-for (nats server list).count == 12 within 2m\n")
  }
}
