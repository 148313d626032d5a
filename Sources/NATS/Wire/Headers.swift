/// A message's headers, in order; a name may come more than once. Names are compared as written, as the server does.
public struct Headers: Sendable, Equatable {
  /// A name and one value of it.
  public struct Field: Sendable, Equatable {
    /// As written.
    public var name: String
    /// One value.
    public var value: String
  }

  /// All of them, in order.
  public private(set) var fields: [Field] = []

  /// The status in the first line, as in `NATS/1.0 503`: set by servers, never by publishers.
  public internal(set) var status: Int?

  /// What follows the status, such as `Idle Heartbeat`.
  public internal(set) var statusText: String?

  /// No headers.
  public init() {}

  /// The first value under `name`. Setting it replaces all of that name; nil removes them.
  public subscript(name: String) -> String? {
    get { fields.first { $0.name == name }?.value }
    set {
      fields.removeAll { $0.name == name }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }

  /// Every value under `name`, in order.
  public func values(_ name: String) -> [String] { fields.lazy.filter { $0.name == name }.map(\.value) }

  /// Adds a value and keeps the others of that name.
  public mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }
}

extension Headers: ExpressibleByDictionaryLiteral {
  /// Headers in the order of the literal.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }
}

extension Headers {
  /// The block as it travels, from `NATS/1.0` to the empty line.
  ///
  /// Throws `invalidName` for a name or value that would break out of its line.
  func encoded() throws(NATSError) -> [UInt8] {
    var bytes = Array("NATS/1.0\r\n".utf8)
    for field in fields {
      try Self.check(field)
      bytes.append(contentsOf: field.name.utf8)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: field.value.utf8)
      bytes.append(contentsOf: lineEnd)
    }
    bytes.append(contentsOf: lineEnd)
    return bytes
  }

  private static func check(_ field: Field) throws(NATSError) {
    let badName = field.name.utf8.contains { $0 <= 32 || $0 == 127 || $0 == UInt8(ascii: ":") }
    if field.name.isEmpty || badName {
      throw .invalidName(
        .init(kind: .header, name: field.name, problem: "a header's name has no colon, white space or line end"))
    }
    if field.value.utf8.contains(where: { $0 == 10 || $0 == 13 }) {
      throw .invalidName(.init(kind: .header, name: field.name, problem: "its value holds a line end"))
    }
  }

  /// Reads a block; nil if it does not begin with `NATS/1.0`. A line without a colon is left out: it carries nothing.
  init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var lines = bytes.split(separator: UInt8(ascii: "\n")).makeIterator()
    guard let first = lines.next(), first.starts(with: "NATS/1.0".utf8) else { return nil }
    readStatus(first.dropFirst(8))
    while let line = lines.next() {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      add(String(decoding: line[..<colon], as: UTF8.self), Self.trimmed(line[(colon + 1)...]))
    }
  }

  private mutating func readStatus(_ rest: Slice<UnsafeBufferPointer<UInt8>>) {
    let text = Self.trimmed(rest)
    guard let status = Int(text.prefix { $0.isNumber }) else { return }
    self.status = status
    let after = text.drop { $0.isNumber }.drop { $0 == " " }
    statusText = after.isEmpty ? nil : String(after)
  }

  private static func trimmed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    var slice = bytes
    while let first = slice.first, first == 32 || first == 9 { slice = slice.dropFirst() }
    while let last = slice.last, last == 32 || last == 9 || last == 13 { slice = slice.dropLast() }
    return String(decoding: slice, as: UTF8.self)
  }
}

/// The end of every line of the protocol.
let lineEnd: [UInt8] = [13, 10]
