import Machine

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A small JSON file that says how things stand. It is written as a whole or not at all.
package enum StateFile {
  package enum Content<State> {
    case state(State)
    case missing
    /// Cut short, or written by someone else: whoever reads it builds it anew.
    case damaged
  }

  package static func read<State: Decodable>(_ path: String, as type: State.Type) -> Content<State> {
    guard let bytes = Paths.bytes(at: path) else { return access(path, F_OK) == 0 ? .damaged : .missing }
    guard let state = try? Coding.value(State.self, json: bytes) else { return .damaged }
    return .state(state)
  }

  package static func write(_ state: some Encodable, to path: String) throws(MachineError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // Our records hold nothing that JSON lacks; a failure here would be a number that is not finite.
    guard let data = try? encoder.encode(state) else { throw .fileNotWritten(path: path, errno: EINVAL) }
    try AtomicFile.write(Array(data) + [UInt8(ascii: "\n")], to: path)
  }

  package static func text(of path: String) -> String? {
    Paths.bytes(at: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names in a folder, sorted, without those that begin with a point; none where there is no folder.
  package static func names(in folder: String) -> [String] {
    Folders.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// For records: seconds since 1970.
  package static var now: Double { Date().timeIntervalSince1970 }
}
