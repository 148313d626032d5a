import Interpreter

/// A command made of a closure, as tests need many small ones.
struct TestCommand: Command {
  let name: String
  let summary = "a command of the tests"
  var grammar = CommandGrammar.anyWords
  var concernsCluster = false
  let gives = Shape.record
  let body: @Sendable (Invocation) throws(CommandFailure) -> Value

  func run(_ call: Invocation) throws(CommandFailure) -> Value { try body(call) }
}

extension TestHost {
  /// What recipes of the tests can do.
  static func makeCommands(_ state: TestState) -> [any Command] {
    [
      TestCommand(name: "echo") { call in
        var line = Text("")
        for (index, word) in call.words.enumerated() {
          if index > 0 { line.append(" ") }
          line.append(word)
        }
        if call.isStatement { call.say(line) }
        line.append("\n")
        return .record(ProgramRecord(out: line, err: "", code: 0))
      },
      // Shows where each word begins and ends, what `with` brought, and the cluster.
      TestCommand(name: "show") { call in
        var line = call.words.map { "<\($0.masked)>" }.joined()
        if let document = call.document { line += " with \(document.asText?.masked ?? document.json().masked)" }
        if let cluster = call.cluster { line += " on \(cluster.name)" }
        call.say(Text(line))
        return .null
      },
      TestCommand(name: "bad", concernsCluster: true) { _ throws(CommandFailure) in
        throw CommandFailure(.failed, "exit 1", said: "it is bad\nvery bad", advice: "be good")
      },
      // Fails in every lane, for what all of them need.
      TestCommand(name: "needy", concernsCluster: true) { call throws(CommandFailure) in
        _ = state.count("needy")
        while state.value("needy") < call.clusters.count, ContinuousClock.now < call.deadline {
          Pause.sleep(.milliseconds(1))
        }
        var failure = CommandFailure(.failed, "there is no such server")
        failure.cause = "a server"
        throw failure
      },
      // `exits CODE`: a program that writes something and ends so.
      TestCommand(name: "exits") { call throws(CommandFailure) in
        throw CommandFailure(
          .failed, "exit",
          details: FailureDetails(
            "exit", code: Int(call.words[0].string), out: "said this\n", err: "said that\n"))
      },
      TestCommand(name: "partly") { _ throws(CommandFailure) in
        throw CommandFailure(
          .failed, "stream not found", details: FailureDetails("refused", code: 10059, value: [1, 2]))
      },
      // `says WORD TEXT`: fails with the text, whatever the word is.
      TestCommand(name: "says") { call throws(CommandFailure) in
        let text = call.words[1].string
        throw CommandFailure(
          .failed, Text(text), said: Text(text), advice: text,
          details: FailureDetails("exit", code: 1, err: Text(text)))
      },
      // Says what it was given, in every way that there is.
      TestCommand(name: "quotes") { call throws(CommandFailure) in
        let word = call.words.first?.string ?? ""
        var failure = CommandFailure(
          .failed, "no \(word) here", said: Text("what is \(word)?"), advice: "make \(word)", server: "s-\(word)",
          details: FailureDetails("exit", code: 1, out: Text(word), err: Text(word), value: [.string(word)]))
        failure.ran = Text("real \(word)")
        throw failure
      },
      TestCommand(name: "misused") { _ throws(CommandFailure) in throw CommandFailure(.misused, "no such word") },
      // `flaky NAME TIMES`: fails so many times, then gives how often it was tried.
      TestCommand(name: "flaky") { call throws(CommandFailure) in
        let tries = state.count(call.words[0].string)
        if tries <= Int(call.words[1].string) ?? 0 { throw CommandFailure(.failed, "try \(tries)") }
        return .int(Int64(tries))
      },
      // `count NAME`: how often it has been called.
      TestCommand(name: "count") { call in .int(Int64(state.count(call.words[0].string))) },
      // Goes on until it is told to stop or its time is over.
      TestCommand(name: "block", concernsCluster: true) { call throws(CommandFailure) in
        while true {
          if call.stop.request >= .interrupt { throw CommandFailure(.interrupted, "stopped") }
          if ContinuousClock.now >= call.deadline { throw CommandFailure(.timedOut, "too long") }
          Pause.sleep(.milliseconds(2))
        }
      },
      // `linger NAME`: ends well as soon as another lane has failed: a program that is let finish.
      TestCommand(name: "linger") { call in
        _ = state.count(call.words[0].string)
        while call.stop.request < .windDown, ContinuousClock.now < call.deadline { Pause.sleep(.milliseconds(2)) }
        call.say("lingered")
        return .null
      },
      // `meet NAME COUNT`: waits until so many lanes have come.
      TestCommand(name: "meet") { call throws(CommandFailure) in
        _ = state.count(call.words[0].string)
        let wanted = Int(call.words[1].string) ?? 0
        while state.value(call.words[0].string) < wanted {
          if ContinuousClock.now >= call.deadline { throw CommandFailure(.timedOut, "nobody came") }
          Pause.sleep(.milliseconds(1))
        }
        return .null
      },
      TestCommand(name: "interrupt") { _ in
        state.stop.ask(.interrupt)
        return .null
      },
      // Goes on behind `during` until it is told to stop. `hum later` dies when somebody has called `count die`, and
      // counts as `hoarse` then; `hum never` does not begin.
      TestCommand(name: "hum", concernsCluster: true) { call throws(CommandFailure) in
        if call.words.first == "never" { throw CommandFailure(.failed, "no voice") }
        call.say("humming")
        call.begun?()
        while call.stop.request < .interrupt {
          if call.words.first == "later", state.value("die") > 0 {
            _ = state.count("hoarse")
            throw CommandFailure(.failed, "hoarse")
          }
          if ContinuousClock.now >= call.deadline {
            call.say("silent")
            throw CommandFailure(.timedOut, "too long")
          }
          Pause.sleep(.milliseconds(1))
        }
        call.say("silent")
        throw CommandFailure(.interrupted, "stopped")
      },
      // Gives a record whose output is a secret.
      TestCommand(name: "token") { call in
        .record(ProgramRecord(out: .secret("tok-\(call.words.first?.string ?? "1")\n"), err: "", code: 0))
      },
      // A program's own output, in which the run's secrets are covered.
      TestCommand(name: "program") { call in
        call.say(call.secrets.covering(call.words.map(\.string).joined(separator: " ")))
        return .null
      },
      TestCommand(name: "json") { call in
        .record(ProgramRecord(out: call.words.first ?? "", err: "warned\n", code: 0))
      },
      TestCommand(name: "servers") { _ in
        [["name": "n1", "rtt": 2, "lead": true], ["name": "n2", "rtt": 12, "lead": false]]
      },
      // How much of its time is left, in half minutes, rounded up: the machine may be slow.
      TestCommand(name: "half_minutes_left") { call in
        .int((ContinuousClock.now.duration(to: call.deadline).components.seconds + 29) / 30)
      },
      tool,
    ]
  }

  /// The grammar of `tool`, a command of nbx's own kind.
  private static let toolGrammar = CommandGrammar.forms([
    CommandForm(
      "box add", "adds a box", positionals: [Positional("NAME")],
      flags: [
        Flag("--count", .integer, "how many"), Flag("--for", .duration, "how long"), Flag("--size", .size, "how large"),
        Flag("--kind", .choice(["red", "blue"]), "which"), Flag("--dry", .toggle, "only say"),
        Flag("--label", .text, "a label", aliases: ["-l"]),
      ],
      document: "what is in the box", example: "tool box add shoes --count 2"),
    CommandForm("box list", "lists the boxes"),
    CommandForm("watch", "watches the boxes", goesOn: true),
    // Fills boxes until it is told to wind down, and tells how many they were.
    CommandForm(
      "fill", "fills boxes", flags: [Flag("--rate", .frequency, "how many a second")],
      gives: .map("", Field.all("boxes int: how many; late bool")), endsEarlyWith: "--rate"),
    CommandForm("paint", "paints", positionals: [Positional("COLOR", as: .choice(["red", "blue"]))]),
  ])

  private static let tool = TestCommand(name: "tool", grammar: toolGrammar) { call throws(CommandFailure) in
    let words = try toolGrammar.parsed(call, of: "tool")
    var line = words.path + words.positionals.map { " \($0.masked)" }.joined()
    if let count = words.integer("--count") { line += " count=\(count)" }
    if let time = words.duration("--for") { line += " for=\(time.nanoseconds)" }
    if let size = words.size("--size") { line += " size=\(size)" }
    if let label = words.text("--label") { line += " label=\(label.masked)" }
    if words.isGiven("--dry") { line += " dry=\(words.has("--dry"))" }
    if let rate = words.frequency("--rate") { line += " rate=\(rate)" }
    call.say(Text(line))
    guard words.path == "fill" else { return .null }
    call.begun?()
    while call.stop.request < .windDown, ContinuousClock.now < call.deadline { Pause.sleep(.milliseconds(1)) }
    if call.stop.request >= .interrupt { throw CommandFailure(.interrupted, "stopped") }
    return ["boxes": 3, "late": false]
  }
}
