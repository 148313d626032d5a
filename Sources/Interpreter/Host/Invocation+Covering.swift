extension Invocation {
  /// What a command says of itself, with the run's secrets covered, and what those of the call may have fallen into.
  public var covering: @Sendable (Text) -> Text {
    var parts = SecretParts()
    for word in words { parts.add(word, within: .words) }
    for text in document?.secretTexts ?? [] { parts.add(text, within: .document) }
    return { [secrets, parts] in parts.covering(secrets.coveringParts($0)) }
  }
}
