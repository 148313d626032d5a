import SandboxSystem
import TestSupport
import Testing

/// What `nbx check` knows of the flags of helm and kubectl.
@Suite(.mayWait) struct KnownFlagTests {
  /// A call with each flag of each of their commands, as the stand-ins' tables have them, which follow the real programs.
  private static let script = """
    import sys
    sys.path.insert(0, sys.argv[1])
    import helm_flags, kubectl_flags
    for program, flags in ("helm", helm_flags), ("kubectl", kubectl_flags):
        for command in flags.commands():
            for name, (_, kind) in flags.known(command).items():
                flag = "-" + name if len(name) == 1 else "--" + name
                print(program, command, "A B", flag + (" 1" if kind == "=" else ""))
    """

  @Test func `no flag that they take is refused`() throws {
    let nbx = try NbxProgram()
    let listed = try Subprocess(
      "python3", ["-ISB", "-c", Self.script, NbxProgram.repository + "/Tests/StandIns"], environment: nbx.environment
    ).run()
    let calls = String(decoding: listed.output, as: UTF8.self)
    #expect(listed.succeeded && calls.split(separator: "\n").count > 1000)
    let checked = try nbx.run(["check", try nbx.write("clusters c1\n" + calls, to: "flags.nbx")])
    #expect(checked.output == "1 file checked, no errors\n", "\(checked.errorOutput)")
  }
}
