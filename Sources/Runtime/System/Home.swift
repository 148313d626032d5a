import Machine

/// The folder under which nbx keeps all that outlives a run: sandboxes, logs, fetched servers.
package enum Home {
  /// `NBX_HOME`, else `$XDG_STATE_HOME/nbx`, else `~/.local/state/nbx`; absolute, without a slash at its end. It is not
  /// made here.
  ///
  /// Links in it are followed as far as it is there: however it is spelt, it is one home.
  ///
  /// An empty variable counts as unset. A relative NBX_HOME starts where nbx runs; a relative XDG_STATE_HOME is passed
  /// over, as the XDG Base Directory Specification asks.
  ///
  /// - Throws: `.noHome`.
  package static func folder(
    environment: [String: String] = ownEnvironment, workingFolder: String? = nil
  ) throws(MachineError) -> String {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let home = value("NBX_HOME") {
      let whole = home.hasPrefix("/") ? home : "\(workingFolder ?? currentFolder())/\(home)"
      // The folder in which nbx runs may have been removed.
      guard whole.hasPrefix("/") else { throw .noHome }
      return tidy(whole)
    }
    if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") { return tidy("\(state)/nbx") }
    guard let user = Paths.ofUser(environment), user.hasPrefix("/") else { throw .noHome }
    return tidy("\(user)/.local/state/nbx")
  }

  /// Without empty parts, dots and links. Two dots stay where nothing is yet: behind a link they do not cancel out.
  private static func tidy(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    for count in stride(from: parts.count, to: 0, by: -1) {
      let there = "/" + parts[..<count].joined(separator: "/")
      guard let base = Paths.resolved(there) else { continue }
      return ([base == "/" ? "" : base] + parts[count...].map(String.init)).joined(separator: "/")
    }
    return "/" + parts.joined(separator: "/")
  }
}
