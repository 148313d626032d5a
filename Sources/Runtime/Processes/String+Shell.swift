extension String {
  /// As a shell reads it as one word.
  public var inShell: String {
    let plain = "-_./:=@%+,".utf8
    let isPlain =
      !isEmpty
      && utf8.allSatisfy { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 || $0 >= 48 && $0 <= 57 || plain.contains($0) }
    return isPlain ? self : "'\(replacing("'", with: "'\\''"))'"
  }
}
