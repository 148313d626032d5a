import Foundation

/// What keeps a test from having a server.
public struct TestServerError: Error, CustomStringConvertible {
  public var description: String
}

/// Where the tests' `nats-server` is: `NBX_NATS_SERVER`, else on the PATH.
public func natsServerBinary() throws -> String {
  let environment = ProcessInfo.processInfo.environment
  if let path = environment["NBX_NATS_SERVER"] { return path }
  for folder in (environment["PATH"] ?? "").split(separator: ":") {
    let path = "\(folder)/nats-server"
    if FileManager.default.isExecutableFile(atPath: path) { return path }
  }
  throw TestServerError(description: "no nats-server found: put one on the PATH or set NBX_NATS_SERVER")
}
