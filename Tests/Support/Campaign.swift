import Foundation

/// How much a test tries: a run of all tests has to end in minutes, a campaign may take longer.
public enum Campaign {
  /// `NBX_TESTS=all`, which CI sets in a second run.
  public static let isWhole = ProcessInfo.processInfo.environment["NBX_TESTS"] == "all"

  /// A size or a number of tries: the first in every run, the second in a whole campaign.
  public static func size(_ usual: Int, whole: Int) -> Int { isWhole ? whole : usual }
}
