/// A server's monitoring port.
///
///     let body = try Monitoring(Endpoint(host: "127.0.0.1", port: 8222)).get(.variables, limit: .within(.seconds(2))).body
public struct Monitoring: Sendable {
  public let endpoint: Endpoint
  public var client = HTTPClient()

  public init(_ endpoint: Endpoint) { self.endpoint = endpoint }

  /// The pages that a server has; the raw value is the path.
  public enum Page: String, Sendable, CaseIterable {
    case variables = "/varz"
    case jetStream = "/jsz"
    case connections = "/connz"
    case routes = "/routez"
    case gateways = "/gatewayz"
    case leafnodes = "/leafz"
    case subscriptions = "/subsz"
    case accounts = "/accountz"
    /// Status 200 when healthy, else 503 with the reason.
    case health = "/healthz"
  }

  public func url(_ page: Page, query: String = "") -> String {
    "http://\(endpoint)\(page.rawValue)" + (query.isEmpty ? "" : "?\(query)")
  }

  /// Gets a page. `query` is as in a URL: `streams=true&config=true`.
  public func get(_ page: Page, query: String = "", limit: WaitLimit) throws(NATSError) -> HTTPResponse {
    try client.get(url(page, query: query), limit: limit)
  }

  /// Gets one page of many servers at once, a thread each. The results are in the order of `servers`.
  public static func get(
    _ page: Page, query: String = "", of servers: [Endpoint], limit: WaitLimit
  ) -> [Result<HTTPResponse, NATSError>] {
    let results = Gathered(servers)
    for (index, server) in servers.enumerated() {
      let status = Platform.startThread {
        do throws(NATSError) {
          results.put(.success(try Monitoring(server).get(page, query: query, limit: limit)), at: index)
        } catch {
          results.put(.failure(error), at: index)
        }
      }
      if status != 0 { results.put(.failure(.cannotStartThread(errno: status)), at: index) }
    }
    return results.wait()
  }
}

/// Results of threads that each end within their limit.
private final class Gathered: @unchecked Sendable {
  private let lock = Lock()
  private let changed: Condition
  private var results: [Result<HTTPResponse, NATSError>]
  private var missing: Int

  init(_ servers: [Endpoint]) {
    changed = Condition(lock)
    missing = servers.count
    results = servers.map { .failure(.connectionClosed(server: $0)) }
  }

  func put(_ result: Result<HTTPResponse, NATSError>, at index: Int) {
    lock.whileLocked {
      results[index] = result
      missing -= 1
    }
    changed.wakeAll()
  }

  func wait() -> [Result<HTTPResponse, NATSError>] {
    lock.lock()
    defer { lock.unlock() }
    while missing > 0 { changed.wait() }
    return results
  }
}
