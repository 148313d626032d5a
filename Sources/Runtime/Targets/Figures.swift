/// Numbers as tables for people print them.
package enum Figures {
  /// `18,972`
  package static func grouped(_ number: Int64) -> String {
    let digits = Array(String(number.magnitude))
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + text
  }

  /// `18 MiB`; below ten of a unit with a digit behind the point: `9.5 MiB`.
  package static func size(_ bytes: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var amount = Double(bytes)
    var unit = 0
    while amount >= 1024, unit < units.count - 1 {
      amount /= 1024
      unit += 1
    }
    let tenths = Int64((amount * 10).rounded())
    let number = unit > 0 && tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : "\(Int64(amount.rounded()))"
    return "\(number) \(units[unit])"
  }
}
