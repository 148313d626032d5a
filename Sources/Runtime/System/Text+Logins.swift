import NATS
import ValuesAndCommands

extension Text {
  /// The text with the user and password, or the token, of each URL in it as a secret.
  ///
  /// - Parameter isURL: whether the whole text is a URL or a list of some.
  package func coveringLogins(isURL: Bool = false) -> Text {
    var covered = Text("")
    var shown = string.startIndex
    for login in URLLogins.ranges(in: string, isURL: isURL) {
      covered.append(slice(offset(shown)..<offset(login.lowerBound)))
      covered.append(.secret(String(string[login])))
      shown = login.upperBound
    }
    covered.append(slice(offset(shown)..<string.utf8.count))
    return covered
  }

  private func offset(_ index: String.Index) -> Int { string.utf8.distance(from: string.startIndex, to: index) }
}
