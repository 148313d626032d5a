import Machine
import NATS
import Testing

/// What errors say, part for part, and what ends a wait.
struct ProblemTests {
  private let server = Endpoint(host: "10.0.0.1", port: 4222)

  @Test func anErrorTellsItsReasonAndItsAdviceApart() {
    let error = NATSError.connectionLost(server: server, .closedByServer)
    #expect(error.reason == "10.0.0.1:4222: the connection was lost: the server closed it")
    #expect(error.advice == "it is set up again by itself unless it was closed, so try again")
    #expect(error.description == "\(error.reason); \(error.advice ?? "")")
    #expect(NATSError.cancelled(.connecting, server: server).advice == nil)
  }

  /// A text of somebody else may hold whatever it likes.
  @Test func aSemicolonInAServersWordsPartsNothing() {
    let error = NATSError.permissionDenied(server: server, text: "no; really not")
    #expect(error.reason == "10.0.0.1:4222: not permitted: no; really not")
    #expect(error.advice == "connect as a user whose permissions include this subject")
  }

  @Test func whatIsWrongWithAPartIsSaidOfTheWhole() {
    let error = NATSError.invalidURL(url: "wss://a", problem: Problem("it is odd", advice: "write another"))
    #expect(error.reason == "wss://a is no URL that nbx can use: it is odd")
    #expect(error.advice == "write another")
  }

  @Test func severalWaysStandOneToALine() {
    let problem = Problem("it is not here", ways: ["fetch it", "make it"], said: "tried: nothing")
    #expect(problem.advice == "fetch it\nmake it")
    #expect(
      problem.description == "it is not here; one of these helps:\n  - fetch it\n  - make it\ntried: nothing")
  }

  @Test func aLimitEndsByItsTimeOrByWhatItIsTold() {
    let stop = StopSignal()
    var limit = Limit(until: nil, stop: stop, leastRequest: .interrupt)
    #expect(!limit.isOver)
    stop.ask(.windDown)
    #expect(!limit.isStopped)
    limit.leastRequest = .windDown
    #expect(limit.isStopped && !limit.hasPassed && limit.isOver)
    #expect(Limit.within(.zero).hasPassed)
    #expect(Limit(until: nil).atMost(.zero).hasPassed)
    #expect(Limit.within(.zero).atMost(.seconds(600)).hasPassed)
  }

  @Test(arguments: [("a b/ü", "a%20b/%C3%BC"), ("", ""), ("-._~", "-._~"), ("\u{1}%", "%01%25")])
  func whatHasNoPlaceInAURLIsEscapedAndComesBack(plain: String, escaped: String) {
    #expect(plain.percentEncoded(keeping: "/-._~") == escaped)
    #expect(escaped.percentDecoded == plain)
  }

  @Test(arguments: ["%", "%4", "%zz"]) func whatIsEscapedWronglyIsNoText(_ text: String) {
    #expect(text.percentDecoded == nil)
  }
}
