import SandboxLocal
import SandboxSystem

/// What keeps a test from having a server.
public struct TestServerError: Error, CustomStringConvertible {
  public var description: String

  public init(description: String) { self.description = description }
}

/// Where the tests' `nats-server` is: found, or fetched, in the same way as for a recipe.
public func natsServerBinary() throws -> String {
  try ServerSearch(home: Home.folder()).find().path
}
