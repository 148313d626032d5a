import Interpreter
import SandboxRuntime

extension Vocabulary {
  /// The words that mean something to nbx's own runs, for whoever reads recipes and runs none.
  static func ofNbx(purpose: String) -> Vocabulary {
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: [], environment: [:], purpose: purpose, announce: { _ in })
    return Vocabulary(host: SandboxHost(chooser: chooser, observer: { _ in }))
  }
}
