/// What a terminal's keyboard sends, told apart.
public enum Key: Equatable, Sendable {
  /// Printable characters, as many as came at once.
  case text(String)
  /// What stood between the marks of a bracketed paste.
  case paste(String)
  case enter, tab, backTab, escape
  case backspace, delete
  case left, right, up, down, home, end, wordLeft, wordRight
  /// A letter, or one of `@[\]^_`, with the control key.
  case control(Character)
  /// A key with Alt, or after Escape.
  case alt(Character)
  case altEnter, altBackspace, controlDelete
}
