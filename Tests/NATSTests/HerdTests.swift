import TestSupport
import Testing

@testable import NATS

@Suite(.mayWait) struct HerdTests {
  @Test func `a herd is connected, loses its server and has another one`() throws {
    let home = try TestServer(jetStream: false)
    let other = try TestServer(jetStream: false)
    let endpoints = [home, other].map { Endpoint(host: "127.0.0.1", port: $0.port) }
    var herd = Herd(endpoints, credentials: .user("js", password: "js"), clients: 50)
    herd.pause = .milliseconds(50)
    let outcome = try herd.hold(for: .seconds(1), limit: .within(patience)) { home.crash() }
    #expect(outcome.losses == 50 && outcome.away.count == 50 && outcome.lost == 0)
    #expect(outcome.places == [endpoints[1]: 50])
  }

  @Test func `a login that is refused is told, and none that needs a key is tried`() throws {
    let server = try TestServer(jetStream: false)
    let endpoints = [Endpoint(host: "127.0.0.1", port: server.port)]
    let strangers = Herd(endpoints, credentials: .user("nobody", password: "x"), clients: 3)
    let refused = #expect(throws: NATSError.self) { try strangers.hold(for: .seconds(1), limit: .within(patience)) }
    guard case .authorizationFailed? = refused else {
      Issue.record("\(String(describing: refused))")
      return
    }
  }
}
