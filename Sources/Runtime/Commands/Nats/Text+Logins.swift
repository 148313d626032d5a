import Interpreter

extension Text {
  /// The text with what stands between `://` and `@` in each URL of it as a secret: a user and a password, or a token.
  func coveringLogins() -> Text {
    var covered = Text("")
    var rest = string[...]
    while let scheme = rest.firstRange(of: "://") {
      let place = rest[scheme.upperBound...].prefix { !"/,?# ".contains($0) }
      covered.append(slice(offset(rest.startIndex)..<offset(scheme.upperBound)))
      var host = place.startIndex
      if let at = place.lastIndex(of: "@") {
        covered.append(.secret(String(place[..<at])))
        host = at
      }
      covered.append(slice(offset(host)..<offset(place.endIndex)))
      rest = rest[place.endIndex...]
    }
    covered.append(slice(offset(rest.startIndex)..<string.utf8.count))
    return covered
  }

  private func offset(_ index: String.Index) -> Int { string.utf8.distance(from: string.startIndex, to: index) }
}
