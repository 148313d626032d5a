extension Method {
  private static let numbers = ["int", "float"]

  static let numberMethods: [Method] = [
    Method(
      ["int", "float"], "round", 0...1, "number.round: to the nearest whole number; number.round(2): to two digits"
    ) {
      value, arguments throws(ValueProblem) in
      guard let digits = arguments.first else { return try whole(value.number.rounded(), value) }
      let factor = power(of: try digits.countArgument("round"))
      let scaled = value.number * factor
      // So large a number has no digits behind the point.
      return .float(scaled.isFinite ? scaled.rounded() / factor : value.number)
    },
    Method(numbers, "floor", 0...0, "number.floor: the next whole number below") { value, _ throws(ValueProblem) in
      try whole(value.number.rounded(.down), value)
    },
    Method(numbers, "ceil", 0...0, "number.ceil: the next whole number above") { value, _ throws(ValueProblem) in
      try whole(value.number.rounded(.up), value)
    },
    Method(numbers, "abs", 0...0, "number.abs: without its sign") { value, _ throws(ValueProblem) in
      if case .int(let int) = value { return int < 0 ? try Value.negated(value) : value }
      return .float(abs(value.number))
    },
    Method(["int"], "float", 0...0, "int.float: the same number as a float") { value, _ in .float(value.number) },
    Method(["float"], "int", 0...0, "float.int: without what stands behind the point") {
      value, _ throws(ValueProblem) in
      try whole(value.number.rounded(.towardZero), value)
    },
    Method(["duration"], "seconds", 0...0, "duration.seconds: as a float") { value, _ in
      if case .duration(let duration) = value { return .float(Double(duration.nanoseconds) / 1e9) }
      return .null
    },
    Method(["duration"], "milliseconds", 0...0, "duration.milliseconds: as a float") { value, _ in
      if case .duration(let duration) = value { return .float(Double(duration.nanoseconds) / 1e6) }
      return .null
    },
    Method(["int"], "size", 0...0, "int.size: as many bytes") { value, _ in
      if case .int(let bytes) = value { return .size(SizeValue(bytes: bytes)) }
      return .null
    },
    Method(["size"], "bytes", 0...0, "size.bytes: as an int") { value, _ in
      if case .size(let size) = value { return .int(size.bytes) }
      return .null
    },
    Method(["time"], "unix", 0...0, "time.unix: seconds since 1970 as a float") { value, _ in
      if case .time(let time) = value { return .float(Double(time.nanoseconds) / 1e9) }
      return .null
    },
  ]

  private static func whole(_ rounded: Double, _ value: Value) throws(ValueProblem) -> Value {
    if case .int = value { return value }
    guard let int = Int64(exactly: rounded) else { throw .wrong("\(value.printed) is more than an int holds") }
    return .int(int)
  }

  private static func power(of digits: Int) -> Double {
    (0..<min(digits, 15)).reduce(1.0) { power, _ in power * 10 }
  }
}
