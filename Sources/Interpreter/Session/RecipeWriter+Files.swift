import Lexer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files that a recipe names: from its own folder, not from the one in which the session runs.
extension RecipeWriter {
  /// A stretch of an input, with the files that it names named from the recipe's folder.
  mutating func edited(_ span: Span, in unit: Unit) -> String {
    var places: [(literal: Range<Int>, path: String)] = []
    for (start, path) in unit.uses.map({ ($0.span.start, $0.path) }) + unit.runs.map({ ($0.span.start, $0.path) }) {
      guard start >= span.start, start < span.end else { continue }
      if let literal = literal(after: Int(start), in: unit.file) { places.append((literal, path)) }
    }
    for call in fileCalls(span, in: unit) {
      guard let literal = onlyArgument(after: Int(call.end), in: unit.file) else { continue }
      places.append((literal, unit.file.text(Span(literal.lowerBound + 1, literal.upperBound - 1))))
    }
    var text = ""
    var next = Int(span.start)
    for place in places.sorted(by: { $0.literal.lowerBound < $1.literal.lowerBound }) {
      text += unit.file.text(Span(next, place.literal.lowerBound))
      text += Value.quoted(pathFromRecipe(joined(unit.folder, place.path)))
      next = place.literal.upperBound
    }
    return text + unit.file.text(Span(next, Int(span.end)))
  }

  /// What is to be said of a stretch that names files in a way that can't be named anew: they start from the recipe's
  /// folder now.
  mutating func unclearPath(_ span: Span, in unit: Unit) -> String? {
    guard pathFromRecipe(joined(unit.folder, "x")) != "x" else { return nil }
    let calls = fileCalls(span, in: unit).filter { onlyArgument(after: Int($0.end), in: unit.file) == nil }
    guard let path = calls.first.map({ "the path in `\(unit.file.text($0))(…)`" }) ?? namedFile(span, in: unit) else {
      return nil
    }
    return "Look at \(path): in the session it started from \(Value.quoted(unit.folder))."
  }

  /// A word of a command that is the name of a file: only the command knows whether it is meant.
  private mutating func namedFile(_ span: Span, in unit: Unit) -> String? {
    for mark in sketch(of: unit).marks(in: span) {
      guard mark.kind == .word || mark.kind == .subcommand || mark.kind == .flag else { continue }
      guard let name = unit.file.text(mark.span).split(separator: "=").last, !name.hasPrefix("/") else { continue }
      if FileManager.default.fileExists(atPath: joined(unit.folder, String(name))) { return "`\(name)`" }
    }
    return nil
  }

  /// Where a stretch calls `read` and `exists`.
  private mutating func fileCalls(_ span: Span, in unit: Unit) -> [Span] {
    let functions: [BuiltinFunction] = [.read, .exists]
    return sketch(of: unit).marks(in: span).filter { mark in
      mark.kind == .function && functions.contains { $0.rawValue == unit.file.text(mark.span) }
    }.map(\.span)
  }

  /// The text in quotes, with nothing to be filled in, that is all that stands in the brackets that come next.
  private func onlyArgument(after start: Int, in file: SourceFile) -> Range<Int>? {
    func isBlank(_ byte: UInt8) -> Bool { byte <= UInt8(ascii: " ") }
    let bytes = file.bytes
    guard let bracket = bytes[start...].firstIndex(where: { !isBlank($0) }), bytes[bracket] == UInt8(ascii: "("),
      let opening = bytes[(bracket + 1)...].firstIndex(where: { !isBlank($0) }),
      let literal = literal(after: opening, in: file), literal.lowerBound == opening,
      bytes[literal.upperBound...].first(where: { !isBlank($0) }) == UInt8(ascii: ")")
    else { return nil }
    let isRaw = bytes[opening] == UInt8(ascii: "'")
    let special = [UInt8(ascii: "$"), UInt8(ascii: "\\")]
    return isRaw || !bytes[literal].contains(where: special.contains) ? literal : nil
  }

  /// The quoted text that comes next.
  private func literal(after start: Int, in file: SourceFile) -> Range<Int>? {
    let bytes = file.bytes
    let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    guard let opening = bytes[start...].firstIndex(where: quotes.contains) else { return nil }
    guard let closing = bytes[(opening + 1)...].firstIndex(of: bytes[opening]), closing > opening + 1 else {
      return nil
    }
    return opening..<(closing + 1)
  }

  private func pathFromRecipe(_ target: String) -> String {
    let target = normalized(target)
    guard !target.hasPrefix("/") else { return target }
    let folders = normalized(path).split(separator: "/").dropLast()
    if folders.isEmpty { return target }
    guard !path.hasPrefix("/"), !folders.contains("..") else { return normalized("\(workingFolder)/\(target)") }
    return folders.map { _ in "../" }.joined() + target
  }
}
