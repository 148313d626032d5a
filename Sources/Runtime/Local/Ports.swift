import Machine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Chooses TCP ports of 127.0.0.1 for servers that are about to start.
public struct PortAllocator {
  /// Where ports are taken from: outside of those that outgoing connections use.
  public let range: ClosedRange<UInt16>
  private let promised: Set<UInt16>
  /// Where the next search begins.
  private var next: UInt16

  /// Ports that other sandboxes keep are left to them, also while nobody listens there.
  ///
  /// - Parameters:
  ///   - promised: ports in the state files of this user's sandbox, whether their servers run or not.
  ///   - sandbox: the sandbox's path. With the user's id it decides where the search starts, so that two users or two
  ///     sandboxes rarely meet.
  public init(promised: Set<UInt16>, sandbox: String) {
    self.init(promised: promised, sandbox: sandbox, registry: PortRegistry())
  }

  init(promised: Set<UInt16>, sandbox: String, registry: PortRegistry) {
    self.init(
      promised: promised.union(registry.kept(besides: sandbox).keys), sandbox: sandbox,
      range: Self.usablePorts(outside: LocalPlatform.ephemeralPorts()))
  }

  init(promised: Set<UInt16>, sandbox: String, range: ClosedRange<UInt16>) {
    self.promised = promised
    self.range = range
    let spread = stableHash("\(geteuid()) \(sandbox)") % UInt64(range.count)
    next = range.lowerBound + UInt16(spread)
  }

  /// A port that is free now and promised to nobody; never the same twice in one process, unless it was given back.
  ///
  /// - Parameter preferred: taken where it is free, even from outside of `range`; 4222 is what NATS clients try first.
  /// - Throws: `.noFreePort`.
  public mutating func take(preferring preferred: UInt16? = nil) throws(MachineError) -> UInt16 {
    if let preferred, isOurs(preferred) { return preferred }
    for _ in range {
      let port = next
      next = port == range.upperBound ? range.lowerBound : port + 1
      if isOurs(port) { return port }
    }
    throw .noFreePort(range: range)
  }

  /// For a port whose server is gone for good.
  public static func giveBack(_ port: UInt16) {
    PortPromises.takeBack(port)
  }

  private func isOurs(_ port: UInt16) -> Bool {
    guard !promised.contains(port), PortPromises.promise(port) else { return false }
    if Self.isFree(port) { return true }
    PortPromises.takeBack(port)
    return false
  }

  /// Whether a nats-server could listen there: it does so with SO_REUSEADDR, to which connections of an earlier server
  /// that linger (TIME_WAIT) are no obstacle, while one that listens is. Binding finds out; nobody can connect to us.
  public static func isFree(_ port: UInt16) -> Bool {
    guard let probe = OwnedDescriptor.aboveStandardStreams(TCPSocket.open()) else { return false }
    TCPSocket.reuseAddress(probe.number)
    return SocketAddress.loopback(port).bind(probe.number) == 0
  }

  /// 10000 to 29999 as far as they are not ephemeral: below lie well-known services, above Kubernetes' node ports
  /// (30000 to 32767), which no bind can see.
  static func usablePorts(outside ephemeral: ClosedRange<UInt16>) -> ClosedRange<UInt16> {
    let all: ClosedRange<UInt16> = 10000...29999
    guard ephemeral.overlaps(all) else { return all }
    let below = Int(ephemeral.lowerBound) - Int(all.lowerBound)
    let above = Int(all.upperBound) - Int(ephemeral.upperBound)
    // A system that hands out nearly all ports leaves no choice.
    guard max(below, above) >= 1000 else { return all }
    return below >= above ? all.lowerBound...(ephemeral.lowerBound - 1) : (ephemeral.upperBound + 1)...all.upperBound
  }
}
