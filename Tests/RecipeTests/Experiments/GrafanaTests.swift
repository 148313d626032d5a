import Foundation
import TestSupport
import Testing

extension Experiments {
  /// The figures on nbx's own page, which stands in for Grafana on the local target.
  @Suite struct Grafana {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `the page has every server with the figures that its monitoring gives`() throws {
      let run = try sandbox.run("grafana", try freePort())
      #expect(run.status == 0, "\(run.errorOutput)")
      #expect(run.output.contains("108 of 108 gateways; streams: 1; every figure is right"), "\(run.output)")
      for cluster in ["c1", "c2", "c3", "xr-js"] {
        #expect(run.output.split(separator: "\n").contains { $0.contains(" \(cluster) ") && $0.contains(" 288 ") })
      }
    }
  }
}

extension SmallSandbox {
  @Suite struct Grafana {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a server that is missing on the page is noticed`() throws {
      let run = try sandbox.runBroken(
        "grafana", try freePort(),
        replacing: ["answering - servers.map(s => s.name) ==": "answering - servers.drop(1).map(s => s.name) =="])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("every server that answers is on the page"), "\(run.errorOutput)")
    }

    @Test func `a figure that is wrong is noticed`() throws {
      let run = try sandbox.runBroken(
        "grafana", try freePort(),
        replacing: [
          "routes: found.routes, connections": "routes: 7, connections",
          "within 30s \"the page's figures": "within 2s \"the page's figures",
        ])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("the page's figures are those of the servers' monitoring"), "\(run.errorOutput)")
    }
  }
}

private func freePort() throws -> [String] { try withFreePorts(1) { ["port=\($0[0])"] } }
