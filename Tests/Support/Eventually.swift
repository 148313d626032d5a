import Foundation

/// How long something may take that has to come: no measure, only an end for tests that would wait for ever.
public let patience = Duration.seconds(180)

/// Looks again and again until something is so.
public func eventually(file: String = #fileID, line: Int = #line, _ isSo: () throws -> Bool) throws {
  try eventually(file: file, line: line, isSo, where: { $0 })
}

/// Looks again and again until it sees just this.
public func eventually<Seen: Equatable>(
  is expected: Seen, file: String = #fileID, line: Int = #line, _ look: () throws -> Seen
) throws {
  try eventually(file: file, line: line, look, where: { $0 == expected })
}

/// Does something again and again until it throws nothing, and gives what comes of it.
@discardableResult
public func untilItSucceeds<Seen>(
  file: String = #fileID, line: Int = #line, _ body: () throws -> Seen
) throws -> Seen {
  try eventually(file: file, line: line, body, where: { _ in true })
}

/// Looks again and again until what it sees is as it should be, and gives that. A look that throws sees its error.
///
/// ```swift
/// let list = try eventually { try nats.run("server", "list") } where: { $0.elements?.count == 3 }
/// ```
@discardableResult
public func eventually<Seen>(
  file: String = #fileID, line: Int = #line, _ look: () throws -> Seen, where isSo: (Seen) throws -> Bool
) throws -> Seen {
  let end = ContinuousClock.now + patience
  var last: String
  repeat {
    do {
      let seen = try look()
      if try isSo(seen) { return seen }
      last = "\(seen)"
    } catch {
      last = "\(error)"
    }
    usleep(10_000)
  } while .now < end
  throw NeverSo(place: "\(file):\(line)", last: String(last.prefix(4000)))
}

/// What was waited for has not come.
public struct NeverSo: Error, CustomStringConvertible {
  let place: String
  let last: String

  public var description: String { "\(place): it did not come within \(patience); the last that was seen: \(last)" }
}
