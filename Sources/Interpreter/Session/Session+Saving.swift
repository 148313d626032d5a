import Lexer

/// What went well in a session, as a recipe without errors.
public struct SavedRecipe: Sendable {
  public let text: String
  /// How many statements it holds as comments only, each with the reason.
  public let leftOutCount: Int
  /// How many statements name files that may be others from the recipe's folder; comments say which.
  public let unclearPathCount: Int
}

extension Session {
  /// The session's good statements as a recipe that has no errors. What can't be part of one, or would not do there what
  /// it did in the session, is left in as a comment.
  ///
  /// - Parameters:
  ///   - path: the file that it is for: the files that it names are named from there.
  ///   - workingFolder: where the session runs, absolute.
  public func recipe(for path: String, workingFolder: String) -> SavedRecipe {
    var writer = RecipeWriter(path: path, workingFolder: workingFolder, names: names, vocabulary: vocabulary)
    var chunks = writer.chunks(of: good, clusters: clusterNames) { head in
      (try? Program.parse(head, vocabulary: vocabulary)) != nil
    }
    while true {
      let text = RecipeWriter.text(of: chunks)
      var isRight = true
      for (line, reason) in problems(in: text, path: path) {
        guard let place = RecipeWriter.place(ofLine: line, in: chunks), chunks[place].reason == nil else { continue }
        chunks[place].reason = reason
        isRight = false
      }
      guard isRight else { continue }
      let file = SourceFile(path: path, text: text)
      return SavedRecipe(
        text: (try? RecipeFormatter.format(file, vocabulary: vocabulary)).map { String(decoding: $0, as: UTF8.self) }
          ?? text,
        leftOutCount: chunks.count { $0.reason != nil },
        unclearPathCount: chunks.count { $0.reason == nil && $0.note != nil })
    }
  }

  /// What is wrong in a recipe, by lines.
  private func problems(in text: String, path: String) -> [(line: Int, title: String)] {
    let own = normalized(path)
    do throws(ProgramErrors) {
      _ = try Program.load(path, vocabulary: vocabulary) { asked in
        asked == own ? .success(Array(text.utf8)) : self.read(asked)
      }
      return []
    } catch {
      return error.diagnostics.compactMap { diagnostic in
        guard let location = diagnostic.location, location.file.path == own else { return nil }
        return (location.file.position(of: Int(location.span.start)).line, diagnostic.title)
      }
    }
  }
}
