import Foundation
import TestSupport

@testable import SandboxLocal
@testable import SandboxSystem

/// A program that plays the relay: it tells what it was told last, and listens nowhere.
final class StandInRelay {
  let path: String
  private let folder: String

  /// - Parameter line: Python that it runs first.
  init(first line: String = "pass") throws {
    folder = try RunFolder.newPath()
    try Folders.make(folder)
    path = "\(folder)/stand-in"
    // In one process all the time: a child of it would have its command line.
    let script = """
      #!/usr/bin/env python3
      import json, os, signal, sys
      \(line)
      folder = sys.argv[2] + "/relay/"
      def report():
          try:
              with open(folder + "orders.json") as file:
                  orders = json.load(file)
          except (OSError, ValueError):
              orders = {"generation": 0, "links": []}
          with open(folder + "told", "a") as file:
              file.write("%d\\n" % orders["generation"])
          links = [{"link": l["link"], "connections": 2, "bytes": 7, "held": 0, "delay": 5} for l in orders["links"]]
          with open(folder + "report.new", "w") as file:
              json.dump({"generation": orders["generation"], "refused": [], "links": links}, file)
          os.replace(folder + "report.new", folder + "report.json")
      heard = {signal.SIGHUP, signal.SIGTERM}
      signal.pthread_sigmask(signal.SIG_BLOCK, heard)
      report()
      while signal.sigwait(heard) == signal.SIGHUP:
          report()
      """
    try AtomicFile.write(Array(script.utf8), to: path, mode: 0o700)
  }

  deinit { try? Folders.remove(folder) }
}

extension SandboxFixture {
  /// What the relay is told to do, as it stands on disk.
  var orders: RelayOrders { target.relay.ordersOnDisk }

  /// The generations that the relay has reported, one for each time that it was told something or started.
  var told: [Int] {
    (StateFile.text(of: store.folders.relay + "/told") ?? "").split(separator: "\n").compactMap { Int($0) }
  }

  /// The relay's process, which has to be there.
  func relayProcess() throws -> ProcessIdentity {
    guard let process = target.relay.process else { throw NoRelay() }
    return process
  }

  func killRelay() throws {
    let process = try relayProcess()
    _ = process.signal(9)
    guard process.waitForExit(until: .now + patience) else { throw NoRelay() }
  }

  struct NoRelay: Error {}
}
