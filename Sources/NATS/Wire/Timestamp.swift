/// Times as servers write them, to the nanosecond.
public enum Timestamp {
  /// Reads `2026-11-22T12:00:34.841194570Z` or the same with an offset such as `+02:00`, as nanoseconds since
  /// 1970-01-01T00:00:00Z; nil for anything else and for years that 64 bits of nanoseconds do not reach (before 1678, after
  /// 2261).
  public static func nanoseconds(rfc3339 text: String) -> Int64? {
    var rest = Array(text.utf8)[...]
    guard let year = number(&rest, 4, "-"), let month = number(&rest, 2, "-"),
      let day = number(&rest, 2, "T"), let hour = number(&rest, 2, ":"),
      let minute = number(&rest, 2, ":"), let second = number(&rest, 2, nil),
      (1678...2261).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      rest = rest.dropFirst(1 + digits.count)
      for place in 0..<9 {
        let digit = digits.dropFirst(place).first.map { Int64($0 - UInt8(ascii: "0")) } ?? 0
        fraction = fraction * 10 + digit
      }
    }
    guard let offset = offset(rest) else { return nil }
    let seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    return seconds * 1_000_000_000 + fraction
  }

  /// As servers read it, in UTC, to the nanosecond: `2026-11-22T12:00:34.841194570Z`.
  public static func rfc3339(nanoseconds: Int64) -> String {
    let fraction = nanoseconds - floored(nanoseconds, by: 1_000_000_000) * 1_000_000_000
    let seconds = floored(nanoseconds, by: 1_000_000_000)
    let day = floored(seconds, by: 86400)
    let second = seconds - day * 86400
    // Years are counted from March in eras of 400 years, so that a leap day is a year's last.
    let shifted = day + 719_468
    let era = floored(shifted, by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = [(year, 4), (month, 2), (dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, 2)].map(digits)
    let time = [(second / 3600, 2), (second / 60 % 60, 2), (second % 60, 2)].map(digits)
    let point = fraction == 0 ? "" : "." + digits(fraction, 9)
    return date.joined(separator: "-") + "T" + time.joined(separator: ":") + point + "Z"
  }

  private static func digits(_ number: Int64, _ count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  private static func floored(_ number: Int64, by divisor: Int64) -> Int64 {
    number / divisor - (number % divisor < 0 ? 1 : 0)
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int, _ end: Character?) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    rest = rest.dropFirst(count)
    if let end {
      guard rest.first == end.asciiValue else { return nil }
      rest = rest.dropFirst()
    }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Seconds east of UTC.
  private static func offset(_ rest: ArraySlice<UInt8>) -> Int64? {
    if rest.elementsEqual([UInt8(ascii: "Z")]) { return 0 }
    guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    var rest = rest.dropFirst()
    guard let hours = number(&rest, 2, ":"), let minutes = number(&rest, 2, nil), rest.isEmpty else { return nil }
    return (sign == UInt8(ascii: "+") ? 1 : -1) * (hours * 3600 + minutes * 60)
  }

  /// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that a leap day is a year's last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }
}
