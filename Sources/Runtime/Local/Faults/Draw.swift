/// Numbers that a seed draws, the same on every machine: SplitMix64 (constants from Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014).
struct Draw {
  private var state: UInt64

  init(seed: Int64) { state = UInt64(bitPattern: seed) }

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
  }
}
