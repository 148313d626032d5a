import Foundation
import Interpreter
import TestSupport
import Testing

extension Experiments {
  @Suite struct RegionLoss {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `nothing acknowledged is lost with the region that leads`() throws {
      let file = sandbox.nbx.folder + "/region-loss.json"
      let run = try sandbox.run("region-loss", ["outage=1s", "--report", file])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "whole again")
      #expect(table.column("event") == ["region asked to end", "region killed"])
      #expect(table.column("lost") == ["0", "0"])
      #expect(table.column("refused") == ["0", "0"])
      try checkReport(JSONTree(String(contentsOfFile: file, encoding: .utf8)), table)
    }

    /// The longest gap of the table is the report's, and stands where a region was out.
    private func checkReport(_ report: JSONTree, _ table: FoundTable) throws {
      func seconds(_ text: String?) -> Double {
        text.flatMap { DurationValue(parsing: $0) }.map { Double($0.nanoseconds) / 1e9 } ?? -1
      }
      let gap = report["writes", "gap"]
      let longest = table.column("longest gap").map(seconds).max() ?? -1
      #expect(abs(seconds(gap["length"].text) - longest) < 0.1, "\(gap), \(table.column("longest gap"))")
      let begin = seconds(gap["at"].text)
      let faults = report["faults"].elements
      #expect(faults.count == 2)
      // A write that was on its way when the region went was acknowledged to a hundred milliseconds or so.
      let isThere = faults.contains {
        begin + seconds(gap["length"].text) > seconds($0["at"].text) && begin < seconds($0["until"].text)
      }
      #expect(isThere, "\(gap), \(faults)")
      #expect(report["leaders"].elements.contains { $0["group"].text == "ORDERS" }, "\(report["leaders"])")
    }
  }
}

@Suite(.mayWait) struct ScriptedRegionLossTests {
  let experiment = ScriptedExperiment(name: "region-loss", usual: ["outage=1s", "pause=5ms", "rtt=0s"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "whole again")
    #expect(table.column("lost") == ["0", "0"])
    #expect(table.column("refused") == ["0", "0"])
  }

  @Test func `a write takes a round trip, and where nothing is set that is noticed`() throws {
    let apart = ScriptedExperiment(name: "region-loss", usual: ["outage=1s", "pause=5ms", "rtt=20ms"])
    let run = try apart.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let broken = try apart.run(
      replacing: "link set $first $second --rtt $rtt", with: "let unset = second", in: "lib/experiments.nbx")
    #expect(broken.status == 1)
    #expect(
      broken.errorOutput.contains("assertion failed: each write has another region's word"), "\(broken.errorOutput)")
  }

  @Test func `a stream with one copy goes with its region`() throws {
    let run = try experiment.run(["replicas=1", "patience=300ms"])
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: writes go on without the region that led"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(
      replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: nothing acknowledged is lost"), "\(run.errorOutput)")
  }

  @Test(arguments: ["region stop", "is asked to end", "is killed"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
