/// How a size that no literal spells is written where it is data.
public enum SizeForm: Sendable {
  /// As a whole number of bytes.
  case bytes
  /// As Kubernetes has it in manifests and charts in their values: `1536Mi`.
  case quantity
}

/// Values as data: what programs, files and messages get. Unlike what people are shown, every amount is exact.
extension Value {
  /// The value as a text with nothing of it rounded; nil for what has no text of its own.
  func dataText(_ sizes: SizeForm) -> Text? {
    switch self {
    case .duration(let duration): Text(duration.exactText)
    case .size(let size):
      Text(sizes == .bytes && size.spelling == nil ? String(size.bytes) : size.quantity)
    case .time(let time): Text(time.exactText)
    default: asText
    }
  }

  /// The value as a word of a command.
  var asWord: Text? { dataText(.quantity) }

  /// A document as it is handed on: a map or a list as JSON, everything else as its text.
  public func documentText(indented: Bool = false, sizes: SizeForm = .bytes) -> Text {
    dataText(sizes) ?? json(indented: indented, sizes: sizes)
  }

  /// The bytes of a document as a program gets it.
  public func documentBytes(_ sizes: SizeForm = .bytes) -> [UInt8] { Array(documentText(sizes: sizes).string.utf8) }
}
