/// Where a server listens, and how it is spoken to there.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// What carries the NATS protocol.
  public enum Transport: Sendable, Hashable {
    case tcp
    /// RFC 6455, asked for at this path of the server.
    case webSocket(path: String)
  }

  /// A name, an IPv4 address, or an IPv6 address without brackets.
  public var host: String
  /// The TCP port.
  public var port: UInt16
  /// What carries the protocol there.
  public var transport: Transport

  /// A server by its host and port.
  public init(host: String, port: UInt16, transport: Transport = .tcp) {
    self.host = host
    self.port = port
    self.transport = transport
  }

  /// `host:port`, with an IPv6 address in brackets; for WebSocket `ws://host:port`.
  public var description: String {
    transport == .tcp ? authority : "ws://\(authority)"
  }

  /// `host:port`, as a URL has it.
  var authority: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The server's URL without a login: `nats://host:port` or `ws://host:port`.
  public var url: String { transport == .tcp ? "nats://\(authority)" : "ws://\(authority)" }
}
