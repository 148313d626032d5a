import Foundation
import TestSupport

/// What an experiment has to leave as it found it.
struct SandboxState: Equatable, CustomStringConvertible {
  /// Every region with its state, every server that does not run, every link that is not as it was made, every stream, every
  /// context of the nats CLI.
  private let lines: [String]
  let serverCount: Int

  var description: String { lines.joined(separator: "\n") }

  init(_ nbx: NbxProgram) throws {
    let status = try nbx.status()
    let streams = try nbx.run(
      ["run", "<streams>"] + status.clusters.map(\.name),
      recipe: """
        # What was asked of a leader that is gone gets no answer, and the others may take a while to choose one.
        let names = retry 90 every 1s { nats stream ls --names within 3s }
        foreach name in names { print name }
        """)
    let contexts = try FileManager.default.contentsOfDirectory(atPath: nbx.folder + "/config/nats/context")
    let names = streams.output.split(separator: "\n").map(String.init)
    self.init(status, streams: streams.status == 0 ? names : [streams.errorOutput], contexts: contexts)
  }

  init(_ status: NbxProgram.Status, streams: [String], contexts: [String]) {
    serverCount = status.servers.count
    lines =
      status.clusters.map { "region \($0.name) \($0.state)" } + ["\(serverCount) servers"]
      + status.servers.filter { $0.state != "running" }.map { "server \($0.name) \($0.state)" }
      + status.links.filter { !$0.isPlain }.map { "link \($0.from) \($0.to) over \($0.over)" }
      + streams.map { "stream \($0)" } + contexts.sorted().map { "context \($0)" }
  }
}

extension NbxProgram.Status.Link {
  fileprivate var isPlain: Bool { delay == "0s" && jitter == "0s" && rate == nil && loss == 0 && cut == nil }
}
