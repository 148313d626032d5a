import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@Suite(.serialized, .mayWait) struct AuthTests {
  private let nats: NatsFixture

  init() throws { nats = try NatsFixture(["c1": []]) }

  @Test func aKeyHasAPublicPartAndASecretOne() throws {
    defer { nats.end() }
    for (kind, letter) in [("operator", "O"), ("account", "A"), ("user", "U")] {
      let key = try nats.run("auth", "nkey", "gen", kind)
      let (text, seed) = (try #require(key["public"].string), try #require(key["seed"].string))
      #expect(text.hasPrefix(letter) && text.count == 56)
      #expect(seed.hasPrefix("S\(letter)") && seed.count == 58)
      #expect(try nats.run("auth", "nkey", "show", seed).string == text)
      guard case .secret = key["seed"] else {
        Issue.record("the seed is no secret")
        return
      }
      #expect(!key.shown().contains(seed))
    }
    let lines = try nats.shown("auth", "nkey", "gen", "user").split(whereSeparator: \.isWhitespace)
    #expect(lines.contains("•••") && !lines.contains { $0.hasPrefix("SU") })
    #expect(try nats.failure("auth", "nkey", "gen", "planet").kind == .misused)
  }

  @Test func whatAJWTSays() throws {
    defer { nats.end() }
    let `operator` = try nats.run("auth", "operator", "add", "O")
    let seed = try #require(`operator`["seed"].string)
    let account = try nats.run(
      "auth", "account", "add", "APP", "--operator", seed, "--jetstream", with: ["limits": ["conn": 7]])
    let user = try nats.run(
      "auth", "user", "add", "ann", "--account", account["seed"].string ?? "", "--expire", "1h",
      with: [
        "pub": ["allow": ["a.>"]], "resp": ["max": 1, "ttl": .duration(DurationValue(nanoseconds: 2_000_000_000))],
      ])

    let operatorClaims = try nats.run("auth", "jwt", "show", `operator`["jwt"].string ?? "")
    #expect(operatorClaims["iss"].string == operatorClaims["sub"].string)
    #expect(operatorClaims["nats.type"].string == "operator")
    let accountClaims = try nats.run("auth", "jwt", "show", account["jwt"].string ?? "")
    #expect(accountClaims["iss"].string == `operator`["public"].string)
    #expect(accountClaims["nats.limits.conn"].shown() == "7" && accountClaims["nats.limits.streams"].shown() == "-1")
    let claims = try nats.run("auth", "jwt", "show", user["jwt"].string ?? "")
    #expect(claims["iss"].string == account["public"].string && claims["sub"].string == user["public"].string)
    #expect(claims["nats.pub.allow"].elements?.first?.string == "a.>")
    #expect(claims["nats.resp.ttl"].shown() == "2s")
    guard case .time(let end) = claims["exp"], case .time(let begin) = claims["iat"] else {
      Issue.record("the times are none")
      return
    }
    #expect((3600...3601).contains((end.nanoseconds - begin.nanoseconds) / 1_000_000_000), "whole seconds, rounded up")
    // The same account once more, as its next JWT.
    let next = try nats.run(
      "auth", "account", "add", "APP", "--key", account["public"].string ?? "", "--operator", seed)
    #expect(next["public"].string == account["public"].string && next["seed"].shown() == "null")
    #expect(user["creds"].string?.contains(user["seed"].string ?? "?") == true)
    guard case .secret = user["creds"] else {
      Issue.record("creds are no secret")
      return
    }
  }

  @Test func aClaimThatServersWouldPassOverIsRefused() throws {
    defer { nats.end() }
    let account = try nats.run("auth", "nkey", "gen", "account")["seed"].string ?? ""
    func refusal(_ claims: Value) throws -> CommandFailure {
      try nats.failure("auth", "user", "add", "ann", "--account", account, with: claims)
    }
    let typo = try refusal(["pubb": ["allow": ["a"]]])
    #expect(typo.kind == .misused && typo.reason.string.contains("have no `pubb`"))
    #expect(typo.advice == "did you mean `pub`?")
    #expect(try refusal(["pub": ["alow": ["a"]]]).advice == "did you mean `allow`?")
    #expect(try refusal(["pub": ["allow": "a"]]).reason.string.contains("is a list of subjects"))
    #expect(try refusal(["pub": ["a"]]).reason.string.contains("is a map with allow and deny"))
    #expect(try refusal("text").reason.string.contains("claims are a map"))
  }

  @Test func aKeyInTheWrongPlaceIsNamedAndNotShown() throws {
    defer { nats.end() }
    let user = try nats.run("auth", "nkey", "gen", "user")
    let account = try nats.run("auth", "nkey", "gen", "account")
    let wrong = try nats.failure("auth", "user", "add", "ann", "--account", user["seed"].string ?? "")
    #expect(
      wrong.kind == .misused
        && wrong.reason.string.contains("takes a key of kind account, and this is one of kind user"))
    #expect(wrong.ran?.masked.contains(user["seed"].string ?? "?") == false)
    let unsigned = try nats.failure("auth", "user", "add", "ann", "--account", account["public"].string ?? "")
    #expect(unsigned.reason.string.contains("takes the seed of the account"))
    #expect(try nats.failure("auth", "user", "add", "ann").reason.string.contains("needs `--account`"))
    #expect(try nats.failure("auth", "nkey", "show", "SUNOKEY").reason.string.contains("is no nkey"))
    #expect(try nats.failure("auth", "jwt", "show", "nothing").reason.string.contains("is no JWT"))
  }
}
