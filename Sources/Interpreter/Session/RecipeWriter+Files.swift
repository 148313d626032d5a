import Lexer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files that a recipe names: from its own folder, not from the one in which the session runs.
extension RecipeWriter {
  /// A stretch of an input, with the files that it names named from the recipe's folder.
  func edited(_ span: Span, in unit: Unit) -> String {
    var places = (unit.uses.map { ($0.pathSpan, $0.path) } + unit.runs.map { ($0.pathSpan, $0.path) }).filter { place in
      place.0.start >= span.start && place.0.start < span.end
    }.map { (literal: Span(Int($0.0.start) - 1, Int($0.0.end) + 1), path: $0.1) }
    for call in fileCalls(span, in: unit) {
      if let path = path(of: call) { places.append((call.arguments[0].value.span, path)) }
    }
    var text = ""
    var next = Int(span.start)
    for place in places.sorted(by: { $0.literal.start < $1.literal.start }) {
      text += unit.file.text(Span(next, Int(place.literal.start)))
      text += Value.quoted(pathFromRecipe(joined(unit.folder, place.path)))
      next = Int(place.literal.end)
    }
    return text + unit.file.text(Span(next, Int(span.end)))
  }

  /// What is to be said of a stretch that names files in a way that can't be named anew: they start from the recipe's
  /// folder now.
  func unclearPath(_ span: Span, in unit: Unit) -> String? {
    guard pathFromRecipe(joined(unit.folder, "x")) != "x" else { return nil }
    let call = fileCalls(span, in: unit).first { path(of: $0) == nil }
    let unclear = call.map { "the path in `\(unit.file.text($0.nameSpan))(…)`" }
    guard let path = unclear ?? namedFile(span, in: unit) else { return nil }
    return "Look at \(path): in the session it started from \(Value.quoted(unit.folder))."
  }

  /// A word of a command that is the name of a file: only the command knows whether it is meant.
  private func namedFile(_ span: Span, in unit: Unit) -> String? {
    var found: String?
    forEachExpression(span, in: unit) { expression in
      guard found == nil, case .command(let call) = expression.form else { return }
      for word in call.words where word.isBare {
        guard let name = unit.file.text(word.span).split(separator: "=").last, !name.hasPrefix("/"),
          FileManager.default.fileExists(atPath: joined(unit.folder, String(name)))
        else { continue }
        found = "`\(name)`"
        return
      }
    }
    return found
  }

  /// The calls of `read` and `exists` in a stretch.
  private func fileCalls(_ span: Span, in unit: Unit) -> [Call] {
    var found: [Call] = []
    forEachExpression(span, in: unit) { expression in
      guard case .call(let call) = expression.form else { return }
      switch BuiltinFunction(rawValue: names[call.name]) {
      case .read, .exists: found.append(call)
      default: break
      }
    }
    return found
  }

  /// The path that a call names, if that is a text as it stands and all that the call is given.
  private func path(of call: Call) -> String? {
    guard call.arguments.count == 1, case .literal(.string(let path)) = call.arguments[0].value.form else { return nil }
    return path
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
