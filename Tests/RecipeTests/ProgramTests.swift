import Foundation
import Interpreter
import SandboxSystem
import TestSupport
import Testing

/// Programs that recipes run: what is shown of them, and how they end with nbx.
@Suite(.mayWait) struct ProgramTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// Runs nbx with a recipe whose program says `ready`, and then interrupts it: SIGINT, and a SIGTERM where that is not
  /// enough.
  private func interrupted(_ recipe: String, secondAfter patience: Duration) throws -> ProgramResult {
    let path = try nbx.write(recipe, to: "interrupted.nbx")
    var process = Subprocess(NbxProgram.path, ["run", path], environment: nbx.environment)
    process.interrupt { _, line in line.hasSuffix("ready") }
    process.patience = .init(afterInterrupt: patience, afterTerminate: .seconds(60))
    return try process.run()
  }

  @Test func `the first interrupt tells the running program, starts no other and runs the defers`() throws {
    let ended = try interrupted(
      #"""
      defer { print "tidied up" }
      exec sh -c 'trap "echo told; exit 0" INT; echo ready; while :; do sleep 0.05; done'
      exec echo another
      """#, secondAfter: .seconds(60))
    #expect(String(decoding: ended.output, as: UTF8.self) == "ready\ntold\ntidied up\n")
    #expect(ended.status == .exited(code: 130))
  }

  /// Ctrl-\, which Swift's runtime takes for a crash.
  @Test func `what ends a program where it stands ends nbx, too`() throws {
    let path = try nbx.write("exec sh -c 'kill -QUIT $PPID; sleep 0.2'\nprint \"went on\"", to: "quit.nbx")
    let ended = try Subprocess(
      "sh", ["-c", "ulimit -c 0; exec '\(NbxProgram.path)' run '\(path)'"], environment: nbx.environment
    ).run()
    #expect(ended.status == .killed(signal: SIGQUIT))
    #expect(ended.output.isEmpty && !String(decoding: ended.errorOutput, as: UTF8.self).contains("crashed"))
  }

  @Test func `an interrupt is answered at once with what still runs`() throws {
    // The program ends when that has been said.
    let path = try nbx.write(
      #"""
      exec sh -c 'trap "" INT; echo ready; until test -e said; do sleep 0.05; done'
      """#, to: "answered.nbx")
    var process = Subprocess(NbxProgram.path, ["run", path], environment: nbx.environment)
    process.limit.until = .now + .seconds(240)
    let stop = StopSignal()
    process.limit.stop = stop
    var answer: String?
    process.onOutput = { stream, line in
      let line = String(decoding: line, as: UTF8.self)
      if line == "ready" { stop.ask(.interrupt) }
      guard stream == .errorOutput, line.hasPrefix("interrupted") else { return }
      answer = line
      _ = try? self.nbx.write("", to: "said")
    }
    process.patience = .init(afterInterrupt: .seconds(120), afterTerminate: .seconds(60))
    #expect(try process.run().status == .exited(code: 130))
    #expect(answer?.hasPrefix("interrupted; still running: exec sh -c ") == true, "\(answer ?? "nothing")")
    #expect(answer?.hasSuffix("Ctrl-C again ends everything at once") == true)
  }

  @Test func `a program goes on for the length of a block`() throws {
    let path = try nbx.write(
      #"""
      during exec sh -c 'trap "echo told; exit 3" INT; : > up; while :; do sleep 0.05; done' {
        wait-for exists("up") "the program"
        print "meanwhile"
      }
      print "after"
      """#, to: "during.nbx")
    let ended = try nbx.run(["run", path])
    #expect(ended.output == "meanwhile\ntold\nafter\n")
    #expect(ended.status == 0)
    // A process is gone when nbx has heard of its end.
    let dead = try nbx.run(
      ["run", "<dead>"],
      recipe: #"""
        during exec sh -c 'echo $$ > pid; exit 1' {
          wait-for exec sh -c 'test -s pid && ! kill -0 $(cat pid)'
        }
        """#)
    #expect(dead.status == 1)
    #expect(dead.errorOutput.contains("error: exec failed (exit 1)"))
  }

  @Test func `the second ends everything at once`() throws {
    let ended = try interrupted(
      #"exec sh -c 'trap "" INT TERM; echo $$; echo ready; while :; do sleep 0.05; done'"# + "\n",
      secondAfter: .milliseconds(300))
    #expect(ended.status == .exited(code: 130))
    let pid = try #require(Int32(String(decoding: ended.output, as: UTF8.self).split(separator: "\n").first ?? ""))
    #expect(hasGone(pid))
  }

  @Test func `a time limit ends the whole tree and shows what was said last`() throws {
    // On a busy machine it may not have begun within the limit.
    var ended = try limited(seconds: 1)
    for seconds in [4, 16, 64] where number(in: ended.output) == nil { ended = try limited(seconds: seconds) }
    #expect(ended.status == 1)
    #expect(ended.errorOutput.contains("exec took too long"))
    #expect(ended.errorOutput.contains("it said: hanging"))
    let pid = try #require(number(in: ended.output))
    #expect(hasGone(pid))
  }

  /// The line that is a number: which of its two outputs a program's lines come by decides nothing about their order.
  private func number(in output: String) -> Int32? { output.split(separator: "\n").lazy.compactMap { Int32($0) }.first }

  private func limited(seconds: Int) throws -> NbxProgram.Ended {
    let recipe = "exec sh -c 'echo hanging >&2; sleep 600 & echo $!; wait' within \(seconds)s\n"
    return try nbx.run(["run", "<limited>"], recipe: recipe)
  }

  @Test func `signals that were ignored when nbx was started are ignored`() throws {
    let path = try nbx.write(
      "exec sh -c 'kill -HUP $PPID; kill -INT $PPID; kill -QUIT $PPID'\nprint \"went on\"\n", to: "ignored.nbx")
    let process = Subprocess(
      "sh", ["-c", "trap '' HUP INT QUIT; exec \"$0\" run \"$1\"", NbxProgram.path, path], environment: nbx.environment)
    let ended = try process.run()
    #expect(String(decoding: ended.output, as: UTF8.self) == "went on\n")
    #expect(ended.status == .exited(code: 0))
  }

  @Test func `a lane's output has its name, and no secret`() throws {
    let recipe = """
      let password = secret("hunter22")
      foreach name in ["a", "b"] parallel { exec echo $name has $password }
      """
    let ended = try nbx.run(["run", "<lanes>"], recipe: recipe)
    #expect(ended.output.split(separator: "\n").sorted() == ["a: a has •••", "b: b has •••"])
  }

  @Test func `without Docker a run on k3d is refused before anything is run`() throws {
    for name in ["k3d", "kubectl", "helm"] { try program(name, "echo ran >> '\(nbx.folder)/ran'") }
    try program("docker", "echo 'Cannot connect to the Docker daemon at unix:///x' >&2; exit 1")
    let ended = try nbx.run(
      ["run", "<regions>"], recipe: "clusters c1\nregion create c1\nkubectl get ns\n",
      environment: ["NBX_TARGET": "k3d", "PATH": "\(nbx.folder)/bin:/usr/bin:/bin"])
    #expect(ended.status == 3)
    #expect(ended.errorOutput.contains("the target k3d needs Docker: the engine does not run"), "\(ended.errorOutput)")
    #expect(!FileManager.default.fileExists(atPath: nbx.folder + "/ran"))
  }

  @Test func `the doctor's findings are aligned, and its exit code says whether the target can be used`() throws {
    let server = #"{"serverVersion":{"gitVersion":"v1.33.2+k3s1"}}"#
    let client = "Client Version: v1.33.1"
    try program("kubectl", "case $* in config*) echo ctx ;; *json*) echo '\(server)' ;; *) echo '\(client)' ;; esac")
    try program("helm", "echo v3.18.3")
    try program("linkerd", "echo edge-25.4.4")
    let path = ["PATH": "\(nbx.folder)/bin:/usr/bin:/bin"]
    let good = try nbx.run(["doctor", "--target", "kube"], environment: path)
    #expect(
      good.output == """
        target kube: as --target says
        ok       kubectl      1.33.1
        ok       helm         3.18.3
        ok       linkerd      edge-25.4.4
        ok       contexts     ctx
        ok       cluster ctx  Kubernetes 1.33.2

        """)
    #expect(good.status == 0)
    let elsewhere = try nbx.run(["doctor", "--target", "local", "--context", "c1=ctx"], environment: path)
    #expect(elsewhere.status == 2 && elsewhere.errorOutput.contains("the target is local"), "\(elsewhere.errorOutput)")
    try program("helm", "echo v3.1.0")
    let bad = try nbx.run(["doctor", "--target", "kube"], environment: path)
    #expect(bad.status == 3)
    #expect(bad.output.contains("\ntoo old  helm         3.1.0, and it takes 3.13 or newer"))
    let json = try nbx.run(["doctor", "--target=kube", "--json"], environment: path)
    #expect(json.status == 3)
    let data = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let states = (data["findings"] as? [[String: Any]])?.compactMap { $0["state"] as? String }
    #expect(states == ["ok", "too old", "ok", "ok", "ok"])
  }

  /// A program of the test's own, in a folder for its PATH.
  private func program(_ name: String, _ body: String) throws {
    var writer = Subprocess(
      "sh", ["-c", "mkdir -p \"$1\" && cat > \"$1/$2\" && chmod 755 \"$1/$2\"", "sh", nbx.folder + "/bin", name])
    writer.standardInput = Array("#!/bin/sh\n\(body)\n".utf8)
    _ = try writer.run()
  }
}

/// Whether a process that was told to end has done so: under load the kernel takes its time.
private func hasGone(_ pid: Int32) -> Bool {
  ProcessIdentity(pid: pid)?.waitForExit(until: .now + .seconds(120)) ?? true
}
