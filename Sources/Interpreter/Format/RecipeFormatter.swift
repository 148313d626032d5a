import Lexer

/// Gives recipes their one form. Only white space, the commas at lines' ends and where lines end around brackets change:
/// words, strings, numbers and comments keep every letter.
public enum RecipeFormatter {
  /// The file's text in form; what it does is the same, and formatting that again changes nothing.
  ///
  /// - Throws: what is wrong with its syntax. Such a text is best left alone.
  public static func format(_ file: SourceFile, vocabulary: Vocabulary) throws(ProgramErrors) -> [UInt8] {
    var parser = Parser(file, vocabulary: vocabulary, names: vocabulary.names, for: .formatting)
    let unit = parser.parse()
    guard parser.problems.isEmpty else {
      throw ProgramErrors(diagnostics: parser.problems.map { $0.diagnostic(in: file) })
    }
    // To take a large tree apart takes as long as to make it, and whoever formats a large file is a short-lived program.
    if file.bytes.count > RecipeFormatter.largeText { _ = Unmanaged.passRetained(unit) }
    return file.bytes.withUnsafeBufferPointer { bytes in
      parser.trace.findShape(in: bytes)
      return parser.trace.entries.withUnsafeBufferPointer { entries in
        var layout = Layout(bytes, entries)
        layout.writeAll()
        return layout.finished()
      }
    }
  }

  private static let largeText = 1 << 20
}
