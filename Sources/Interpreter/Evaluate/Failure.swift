import Lexer

/// Why a recipe stopped: what, where, and what to do next.
public final class Failure: Error, Sendable {
  /// What kind of stop it is.
  public enum Kind: Sendable, Equatable {
    /// A command did not work.
    case command
    /// A call that no waiting mends.
    case misuse
    /// A field, an index or an element that is not there.
    case missing
    /// Values of the wrong types.
    case value
    case assertion
    /// `fail "…"`
    case stated
    case timeOut
    /// Not a failure of its own: the user interrupted.
    case interrupted
    /// Not a failure of its own: another lane failed.
    case stopped
    /// `skip "…"`
    case skipped
  }

  /// What kind of stop it is.
  public let kind: Kind
  private static let longestTitle = 1_000

  /// One line: what happened.
  public let title: Text
  /// The place in the recipe.
  public let location: Location
  let label: Text?
  let notes: [(kind: String, text: Text)]
  let values: [Diagnostic.ShownValue]
  /// Of a time-out: whose limit it was.
  let deadline: Deadline?
  /// What the outcome of a `try` tells beside the text.
  let details: FailureDetails
  /// What lies beneath it, if others may have failed for the same.
  let cause: String?
  /// What failed beside it: other lanes, deferred blocks.
  public let others: [Failure]
  /// Where the run can be taken up again.
  let trail: Trail
  /// What the run knew of its libraries by then.
  let libraries: [Int: StoredLocals]
  /// The run's, once it has ended with this.
  private let secrets: SecretRegistry?

  init(
    _ kind: Kind, _ title: Text, at location: Location, label: Text? = nil,
    notes: [(kind: String, text: Text)] = [], values: [Diagnostic.ShownValue] = [], deadline: Deadline? = nil,
    details: FailureDetails? = nil, cause: String? = nil, others: [Failure] = [], trail: Trail = .lost,
    libraries: [Int: StoredLocals] = [:], secrets: SecretRegistry? = nil
  ) {
    self.kind = kind
    // What a recipe says is its own matter; what was given to a command may be of any length.
    let isOwn = kind == .stated || kind == .skipped || title.string.utf8.count <= Failure.longestTitle
    self.title = isOwn ? title : Text(title.masked.excerpt(upTo: Failure.longestTitle))
    self.location = location
    self.label = label
    self.notes = notes
    self.values = values
    self.deadline = deadline
    self.details = details ?? FailureDetails(kind.word)
    self.cause = cause
    self.others = others
    self.trail = trail
    self.libraries = libraries
    self.secrets = secrets
  }

  /// The same failure, with more notes or others, or another trail.
  func with(
    notes more: [(kind: String, text: Text)] = [], others: [Failure] = [], trail: Trail? = nil,
    libraries: [Int: StoredLocals]? = nil, secrets: SecretRegistry? = nil
  ) -> Failure {
    Failure(
      kind, title, at: location, label: label, notes: notes + more, values: values, deadline: deadline,
      details: details, cause: cause, others: self.others + others, trail: trail ?? self.trail,
      libraries: libraries ?? self.libraries, secrets: secrets ?? self.secrets)
  }

  /// The same failure, with more that failed beside it.
  func adding(_ more: [Failure]) -> Failure {
    more.isEmpty ? self : with(others: more)
  }

  /// The same failure with a note more.
  func noting(_ kind: String, _ text: String) -> Failure {
    with(notes: [(kind, Text(text))])
  }

  /// The same failure, saying in which lane it happened; a command's title names its cluster already.
  func naming(lane: String) -> Failure {
    if kind == .command || kind == .misuse || notes.contains(where: { $0.kind == "lane" }) { return self }
    return noting("lane", lane)
  }

  /// What `err` holds: the title, then what was said.
  var message: Text {
    var message = title
    for note in notes where note.kind == "it said" {
      message.append("\n")
      message.append(note.text)
    }
    return message
  }

  /// Where the run can be taken up again; nil if it is best begun anew.
  public var resumption: Resumption? {
    guard let point else { return nil }
    let resumption = Resumption(point, libraries: libraries, secrets: secrets ?? SecretRegistry())
    return resumption.isWorthKeeping ? resumption : nil
  }

  /// Whether the recipe has to be begun anew, and so what an earlier run has left is of no use any more.
  public var leavesNothing: Bool { point != nil && resumption == nil }

  /// Whether `try` and `retry` may take care of it.
  var canBeHandled: Bool {
    switch kind {
    case .interrupted, .stopped, .skipped: false
    default: true
    }
  }

  /// The failure for people, and all that failed beside it; of those with one cause the first, and of many that failed
  /// alike in one place a few.
  public var diagnostics: [Diagnostic] {
    let all = withOthers
    var causes: [String: Int] = [:]
    var places: [Likeness: (count: Int, shown: Int)] = [:]
    for failure in all {
      if let cause = failure.cause {
        causes[cause, default: 0] += 1
      } else {
        places[Likeness(failure), default: (0, 0)].count += 1
      }
    }
    return all.compactMap { failure in
      if let cause = failure.cause {
        guard let count = causes.removeValue(forKey: cause) else { return nil }
        return count == 1 ? failure.diagnostic : failure.diagnostic.adding("so", "\(count) commands failed for this")
      }
      let place = Likeness(failure)
      guard let alike = places[place], alike.shown < Failure.mostAlike || alike.count <= Failure.mostInOnePlace else {
        return nil
      }
      places[place]?.shown += 1
      let isLastShown = alike.shown + 1 == Failure.mostAlike && alike.count > Failure.mostInOnePlace
      guard isLastShown else { return failure.diagnostic }
      return failure.diagnostic.adding("and", "\(alike.count - Failure.mostAlike) more failed in the same way here")
    }
  }

  /// So many that failed alike are all shown: a recipe's clusters and regions are hardly more.
  private static let mostInOnePlace = 8
  /// How many are shown of more.
  private static let mostAlike = 3

  /// Lanes that fail alike do it at the same place.
  private struct Likeness: Hashable {
    let path: String
    let span: Span
    let kind: Kind

    init(_ failure: Failure) {
      path = failure.location.file.path
      span = failure.location.span
      kind = failure.kind
    }
  }

  private var withOthers: [Failure] { [self] + others.flatMap(\.withOthers) }

  private var diagnostic: Diagnostic {
    var diagnostic = Diagnostic(title.masked, at: location, label: label?.masked)
    diagnostic.values = values
    diagnostic.notes = notes.map { Diagnostic.Note($0.kind, $0.text.masked) }
    if kind == .assertion { diagnostic.heading = "assertion failed" }
    return diagnostic
  }
}

extension Failure.Kind {
  /// What an outcome has as its `.kind`, unless the command said more.
  fileprivate var word: String {
    switch self {
    case .command: "failed"
    case .misuse: "misused"
    case .missing: "missing"
    case .value: "wrong-value"
    case .assertion: "assertion"
    case .stated: "stated"
    case .timeOut: "timed-out"
    case .interrupted, .stopped: "interrupted"
    case .skipped: "skipped"
    }
  }
}
