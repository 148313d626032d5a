import Testing

/// A recipe and the whole of what comes of it.
struct Case: CustomTestStringConvertible, Sendable {
  let name: String
  let recipe: String
  let files: [String: String]
  let arguments: [String: String]
  /// Where lanes run at once, what they say is compared in order of the alphabet.
  let isSorted: Bool
  let expected: String

  init(
    _ name: String, _ recipe: String, _ expected: String, files: [String: String] = [:],
    arguments: [String: String] = [:], sorted: Bool = false
  ) {
    self.name = name
    self.recipe = recipe
    self.files = files
    self.arguments = arguments
    self.isSorted = sorted
    self.expected = expected
  }

  var testDescription: String { name }

  func check(_ location: SourceLocation = #_sourceLocation) {
    let found = transcript(recipe, files: files, arguments: arguments, sorted: isSorted)
    #expect(found == expected, "\(name)", sourceLocation: location)
  }
}
