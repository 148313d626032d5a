import SandboxSystem
import TestSupport
import Testing

/// Recipes that lie in no file, bytes that are no text, and output that nobody reads.
@Suite(.mayWait) struct RecipeStreamTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// What a shell makes of a line, in which NBX is the program; both outputs, and the exit code.
  private func shell(_ line: String, _ program: String = "bash") throws -> String {
    var process = Subprocess(
      program, ["-c", line.replacing("NBX", with: "'\(NbxProgram.path)'")], environment: nbx.environment)
    process.workingDirectory = nbx.folder
    let result = try process.run()
    guard case .exited(let code) = result.status else { return "\(result.status)" }
    return String(decoding: result.output + result.errorOutput, as: UTF8.self) + "\(code)"
  }

  @Test(arguments: ["NBX run - < r", "cat r | NBX run -", "cat r | NBX run /dev/stdin", "NBX run <(cat r)"])
  func `is run`(_ line: String) throws {
    _ = try nbx.write("task f() { return \"from the folder\" }\n", to: "lib.nbx")
    _ = try nbx.write("param n = 1\nuse \"lib.nbx\"\nprint f(), n\nexec pwd\n", to: "r")
    #expect(try shell(line + " n=2") == "from the folder 2\n\(nbx.folder)\n0")
  }

  @Test func `is planned, checked and brought into form`() throws {
    _ = try nbx.write("print   1\n", to: "r")
    #expect(try shell("NBX plan - < r").hasSuffix("0 commands on the target local; nothing was run\n0"))
    #expect(try shell("NBX plan <(cat r)").hasSuffix("nothing was run\n0"))
    #expect(try shell("NBX check - < r") == "1 file checked, no errors\n0")
    #expect(try shell("NBX check <(cat r)") == "1 file checked, no errors\n0")
    for words in ["- < r", "/dev/stdin < r", "<(cat r)"] { #expect(try shell("NBX fmt \(words)") == "print 1\n0") }
    #expect(try shell("NBX fmt --check <(cat r)").hasSuffix("1"))
    #expect(try shell("NBX run - < /dev/null") == "0")
  }

  @Test func `its errors name it`() throws {
    _ = try nbx.write("print nope\n", to: "r")
    for line in ["NBX run - < r", "NBX check - < r"] {
      let said = try shell(line)
      #expect(said.contains("--> <standard input>:1:7") && said.hasSuffix("2"), "\(said)")
    }
    #expect(try shell("NBX run <(cat r)").contains("--> <descriptor "))
    #expect(try shell("NBX run - <&-").contains("can't read <standard input>"))
  }

  @Test func `bytes of the environment that are no text pass unchanged`() throws {
    _ = try nbx.write("exec sh -c 'printf %s \"$ODD\" | od -An -tx1'\nexec sh -c 'echo $EVEN'\n", to: "r.nbx")
    #expect(try shell("ODD=$(printf 'a\\377=\\303b') EVEN=ä NBX run r.nbx") == " 61 ff 3d c3 62\nä\n0")
  }

  @Test func `what nobody reads is given up at the limit`() throws {
    _ = try nbx.write(
      """
      var s = "0123456789abcdef"
      foreach i in 1..16 { s = s + s }
      step "s" within 300ms {
        defer { exec touch done }
        print s
      }

      """, to: "r.nbx")
    // The pipe is open for reading, and nobody reads.
    let said = try shell("mkfifo p && exec 3<>p && NBX run r.nbx > p; code=$?; ls done; echo $code")
    #expect(said.contains("error: the time is over") && said.contains("`within 300ms` of the step"), "\(said)")
    #expect(said.contains("done\n1\n"), "\(said)")
  }

  @Test func `while nobody reads an interrupt is answered, and a second one ends it`() throws {
    _ = try nbx.write("exec sh -c yes\n", to: "r.nbx")
    _ = try nbx.write(
      "import array, fcntl, termios\ncount = array.array('i', [0])\nfcntl.ioctl(3, termios.FIONREAD, count)\nprint(count[0])\n",
      to: "held.py")
    // SIGTERM, since a shell has SIGINT ignored by what it starts in the background.
    let said = try shell(
      """
      mkfifo p && exec 3<>p
      look() { i=0; until "$@"; do sleep 0.05; i=$((i + 1)); [ $i -lt 600 ] || { echo in vain: "$@"; return; }; done; }
      isFull() { [ "$(python3 -IS held.py)" -gt 60000 ]; }
      NBX run r.nbx > p 2> err 3>&- & nbx=$!
      look isFull
      kill -TERM $nbx
      look grep -q 'interrupted; still running: exec' err
      kill -TERM $nbx
      wait $nbx
      """)
    #expect(said == "130", "\(said)")
  }

  @Test func `an interrupt is answered while what was deferred only computes`() throws {
    _ = try nbx.write(
      """
      defer { foreach i in 1..100000000000 { let x = i } }
      print "begun"
      foreach i in 1..100000000000 { let x = i }

      """, to: "r.nbx")
    let said = try shell(
      """
      look() { i=0; until "$@"; do sleep 0.05; i=$((i + 1)); [ $i -lt 600 ] || { echo in vain: "$@"; return; }; done; }
      touch out
      NBX run r.nbx > out 2> err & nbx=$!
      look grep -q begun out
      kill -TERM $nbx
      look grep -q 'interrupted; it ends as soon as it can' err
      kill -TERM $nbx
      wait $nbx
      """)
    #expect(said == "130", "\(said)")
  }

  @Test func `three signals in haste leave nothing running`() throws {
    _ = try nbx.write("exec sh -c 'trap \"\" INT TERM; echo $$ > pid; while :; do sleep 600; done'\n", to: "r.nbx")
    let said = try shell(
      """
      set -m  # else SIGINT is ignored in the background
      NBX run r.nbx 2> err & nbx=$!
      until [ -s pid ]; do sleep 0.05; done
      # All three are there when it goes on, before it can do anything about the first.
      kill -STOP $nbx; kill -TERM $nbx; kill -HUP $nbx; kill -INT $nbx; kill -CONT $nbx
      wait $nbx; code=$?
      # A job that was stopped ends a first wait, and may itself have ended by then: the shell remembers how.
      while [ $code = $((128 + $(kill -l STOP))) ]; do wait $nbx; code=$?; done
      # Until whoever inherits it has taken its remains away, what was killed is still known.
      i=0; while kill -0 $(cat pid) 2> kill; do sleep 0.05; i=$((i + 1)); [ $i -lt 600 ] || { echo it runs; break; }; done
      exit $code
      """)
    // With job control the shell tells of its job, too.
    #expect(!said.contains("it runs") && said.hasSuffix("\n130"), "\(said)")
  }
}
