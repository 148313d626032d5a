/// The same number for the same text in every run, unlike Swift's own hash: for names of folders and for choosing where
/// a search starts. FNV-1a, 64 bits (constants from the draft "The FNV Non-Cryptographic Hash Algorithm"); it keeps no
/// secrets.
package func stableHash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
}
