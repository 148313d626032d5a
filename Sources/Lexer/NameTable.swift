/// A name of the program, by its place in the table of names: two names are the same if their symbols are.
public struct Symbol: Hashable, Sendable {
  public let index: Int32

  public init(index: Int32) { self.index = index }
}

/// Every name that occurs in a program, each held once.
public struct NameTable: Sendable {
  private var names: [String] = []
  private var hashes: [UInt64] = []
  /// Open addressing, a power of two; -1 marks a free place.
  private var places: [Int32] = Array(repeating: -1, count: 256)

  public init() {
    for keyword in Keyword.allCases { _ = intern(keyword.text) }
  }

  public var count: Int { names.count }

  public subscript(symbol: Symbol) -> String { names[Int(symbol.index)] }

  public mutating func intern(_ name: String) -> Symbol {
    let bytes = Array(name.utf8)
    return intern(bytes, 0..<bytes.count)
  }

  /// The symbol of a name that may not have occurred yet.
  public func find(_ name: String) -> Symbol? {
    let bytes = Array(name.utf8)
    let place = places[place(of: bytes, 0..<bytes.count, hash: NameTable.hash(bytes, 0..<bytes.count))]
    return place < 0 ? nil : Symbol(index: place)
  }

  mutating func intern(_ bytes: [UInt8], _ range: Range<Int>) -> Symbol {
    let hash = NameTable.hash(bytes, range)
    let place = place(of: bytes, range, hash: hash)
    if places[place] >= 0 { return Symbol(index: places[place]) }
    let index = Int32(names.count)
    names.append(String(decoding: bytes[range], as: UTF8.self))
    hashes.append(hash)
    places[place] = index
    if names.count * 2 > places.count { grow() }
    return Symbol(index: index)
  }

  private func place(of bytes: [UInt8], _ range: Range<Int>, hash: UInt64) -> Int {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let index = places[place]
      if index < 0 { return place }
      if hashes[Int(index)] == hash, names[Int(index)].utf8.elementsEqual(bytes[range]) { return place }
      place = (place + 1) & mask
    }
  }

  private mutating func grow() {
    let mask = places.count * 2 - 1
    places = Array(repeating: -1, count: mask + 1)
    for (index, hash) in hashes.enumerated() {
      var place = Int(truncatingIfNeeded: hash) & mask
      while places[place] >= 0 { place = (place + 1) & mask }
      places[place] = Int32(index)
    }
  }

  /// FNV-1a, 64 bits: names are short, and nobody attacks their own recipe.
  private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return hash ^ (hash >> 29)
  }
}

extension Symbol {
  /// Of a token that is no name.
  public static let none = Symbol(index: -1)
}
