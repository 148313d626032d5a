import Foundation
import TestSupport
import Testing

/// A version of the server that is nowhere, which all releases of an installation ask for.
@Suite(.mayWait) struct UnknownVersionTests {
  @Test func `it is told once, and not once a release`() throws {
    let nbx = try NbxProgram()
    let programs = nbx.folder + "/programs"
    try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
    for (name, body) in [
      ("nats-server", "echo 'nats-server: v2.11.4'"), ("python3", "echo 'no such version' >&2; exit 1"),
    ] {
      let path = try nbx.write("#!/bin/sh\n\(body)\n", to: "programs/\(name)")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let ended = try nbx.run(
      ["run", "<install>"],
      recipe: """
        clusters c1 c2
        defer { foreach c in clusters { region delete $c --now } }
        foreach c in clusters { region create $c }
        foreach c in clusters parallel {
          foreach name in ["a", "b"] parallel {
            helm install $name nats/nats --create-namespace with { container.image.tag: "9.9.9" }
          }
        }
        """, environment: ["NBX_NATS_SERVER": "", "PATH": programs + ":/usr/bin:/bin"])
    #expect(ended.status == 1)
    #expect(
      ended.errorOutput.components(separatedBy: "no nats-server 9.9.9 was found").count == 2, "\(ended.errorOutput)")
    #expect(ended.errorOutput.components(separatedBy: "error: ").count == 2, "\(ended.errorOutput)")
  }
}
