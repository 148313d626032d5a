/// A name of the program, by its place in the table of names: two names are the same if their symbols are.
@frozen
public struct Symbol: Hashable, Sendable {
  /// The place in the table, from 0.
  public let index: Int32

  /// A symbol of the table that gave the place.
  @inlinable
  public init(index: Int32) { self.index = index }

  /// Of a token that is no name.
  public static let none = Symbol(index: -1)
}

/// Every name that occurs in a program, each held once.
public struct NameTable: Sendable {
  private struct Entry {
    let hash: UInt32
    /// Where its letters lie among those of all names.
    let start: Int32
    let length: Int32
  }

  private var entries: [Entry] = []
  private var letters: [UInt8] = []
  /// Open addressing, a power of two; -1 marks a free place.
  private var places: [Int32] = Array(repeating: -1, count: 256)

  /// A table that holds the keywords, each at its raw value.
  public init() {
    for keyword in Keyword.allCases { _ = intern(keyword.text) }
  }

  /// How many names it holds.
  public var count: Int { entries.count }

  /// The name. The symbol has to be of this table.
  public subscript(symbol: Symbol) -> String {
    let entry = entries[Int(symbol.index)]
    let start = Int(entry.start)
    return String(decoding: letters[start..<(start + Int(entry.length))], as: UTF8.self)
  }

  /// The symbol of a name, which is held from now on.
  public mutating func intern(_ name: String) -> Symbol {
    Array(name.utf8).withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map { intern($0, count: bytes.count) } ?? .none
    }
  }

  /// The symbol of a name that may not have occurred yet.
  public func find(_ name: String) -> Symbol? {
    Array(name.utf8).withUnsafeBufferPointer { bytes in
      bytes.baseAddress.flatMap { find($0, count: bytes.count) }
    }
  }

  /// The same, of a name that stands in a file.
  public func find(_ span: Span, in file: SourceFile) -> Symbol? {
    let range = span.range.clamped(to: 0..<file.bytes.count)
    return find(file.padded + range.lowerBound, count: range.count)
  }

  private func find(_ start: UnsafePointer<UInt8>, count length: Int) -> Symbol? {
    let place = places[place(of: start, length, hash: NameTable.hash(start, length))]
    return place < 0 ? nil : Symbol(index: place)
  }

  mutating func intern(_ start: UnsafePointer<UInt8>, count length: Int) -> Symbol {
    let hash = NameTable.hash(start, length)
    let place = place(of: start, length, hash: hash)
    if places[place] >= 0 { return Symbol(index: places[place]) }
    let index = Int32(entries.count)
    entries.append(Entry(hash: hash, start: Int32(letters.count), length: Int32(length)))
    letters.append(contentsOf: UnsafeBufferPointer(start: start, count: length))
    places[place] = index
    if entries.count * 2 > places.count { grow() }
    return Symbol(index: index)
  }

  private func place(of start: UnsafePointer<UInt8>, _ length: Int, hash: UInt32) -> Int {
    places.withUnsafeBufferPointer { places in
      entries.withUnsafeBufferPointer { entries in
        letters.withUnsafeBufferPointer { letters in
          let mask = places.count - 1
          var place = Int(hash) & mask
          while true {
            let index = Int(places[place])
            if index < 0 { return place }
            if entries[index].hash == hash, Int(entries[index].length) == length {
              let other = Int(entries[index].start)
              var same = 0
              while same < length, letters[other + same] == start[same] { same += 1 }
              if same == length { return place }
            }
            place = (place + 1) & mask
          }
        }
      }
    }
  }

  private mutating func grow() {
    let mask = places.count * 2 - 1
    places = Array(repeating: -1, count: mask + 1)
    for (index, entry) in entries.enumerated() {
      var place = Int(entry.hash) & mask
      while places[place] >= 0 { place = (place + 1) & mask }
      places[place] = Int32(index)
    }
  }

  /// FNV-1a: names are short, and nobody attacks their own recipe.
  private static func hash(_ start: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    var hash: UInt32 = 0x811c_9dc5
    for index in 0..<length { hash = (hash ^ UInt32(start[index])) &* 0x0100_0193 }
    return hash ^ (hash >> 15)
  }
}
