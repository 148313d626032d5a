import Lexer

/// Something that could stand where somebody is typing.
public struct CompletionItem: Sendable, Equatable {
  public enum Kind: String, Sendable {
    case keyword, command, subcommand, flag, value, variable, task, function, method, field, parameter, cluster, file
  }

  /// As lists show it.
  public let label: String
  /// What takes the place of `span`.
  public let text: String
  /// The bytes of the file that it replaces: what has been typed of it so far.
  public let span: Span
  public let kind: Kind
  /// One line about it.
  public let detail: String
  /// More about it, in several lines of Markdown; empty if there is no more.
  public let documentation: String
}
