import Synchronization

/// The step that `--from` or `--only` names, while it is looked for. Every lane looks for itself.
final class StepSearch: Sendable {
  let name: String
  /// Whether nothing but the step is run; else all that follows is too.
  let isOnly: Bool
  private let around: StepSearch?
  private let found = Atomic<Bool>(false)

  init(_ name: String, isOnly: Bool, around: StepSearch? = nil) {
    self.name = name
    self.isOnly = isOnly
    self.around = around
  }

  func inLane() -> StepSearch {
    let search = StepSearch(name, isOnly: isOnly, around: self)
    if isFound { search.markFound() }
    return search
  }

  var isFound: Bool { found.load(ordering: .relaxed) }
  /// Whether everything is run again from here on.
  var isOver: Bool { isFound && !isOnly }
  /// Whether nothing more is run.
  var isPast: Bool { isFound && isOnly }

  func markFound() {
    found.store(true, ordering: .relaxed)
    around?.markFound()
  }
}
