import Lexer
import Testing

/// Rates and percentages, as words of commands have them.
@Suite struct UnitsTests {
  @Test(
    arguments: [
      ("10MB", 10_000_000), ("10MB/s", 10_000_000), ("1Mi", 1 << 20), ("1.5kB/s", 1500), ("2500", 2500),
      ("64Ki/s", 65536),
      ("0", nil), ("0B", nil), ("-1MB", nil), ("10mb", nil), ("10MBit", nil), ("MB", nil), ("", nil), ("/s", nil),
      ("10MB/m", nil), ("99999999999999999999", nil),
    ] as [(String, Int64?)]) func rates(text: String, bytes: Int64?)
  { #expect(Units.rate(in: text) == bytes) }

  @Test(
    arguments: [
      ("1%", 0.01), ("0.5%", 0.005), ("100%", 1), ("0%", 0), ("1_0%", 0.1), ("1", nil), ("%", nil), ("-1%", nil),
      ("1.2.3%", nil), ("1%%", nil), ("1 %", nil), ("", nil),
    ] as [(String, Double?)]) func percentages(text: String, share: Double?)
  { #expect(Units.share(in: text) == share) }
}
