#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the relay between regions needs of this machine.
extension Doctor {
  /// 36 servers have about 250 connections to servers of other regions, each with two descriptors of the relay.
  private static let descriptors = 1024

  var links: Finding {
    let advice = ["start it anew, with what was set: nbx run start"]
    if let home = try? Home.folder(environment: environment) {
      let local = LocalTarget(home: home, clusters: [], environment: environment, purpose: "nbx doctor")
      if local.relay.condition == .dead {
        return Finding(
          "links", .warning, "the relay between regions has ended, so that nothing passes between them", advice: advice)
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
