import TestSupport
import Testing

@testable import NATS

@Suite(.mayWait) struct NKeyTests {
  // The pair that the NATS documentation shows for logins by nkey.
  private static let seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
  private static let publicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

  @Test func aKnownPairIsRead() throws {
    let seed = try NKey(Self.seed)
    #expect(seed.isSeed && seed.kind == .user && seed.bytes.count == 32)
    #expect(seed.text == Self.seed)
    let key = try NKey(Self.publicKey)
    #expect(!key.isSeed && key.kind == .user && key.bytes.count == 32)
    #expect(key.text == Self.publicKey)
  }

  @Test(arguments: NKey.Kind.allCases)
  func everyKindComesBack(_ kind: NKey.Kind) throws {
    for isSeed in [true, false] {
      let key = NKey(kind: kind, isSeed: isSeed, bytes: (0..<32).map { UInt8($0 * 7) })
      #expect(try NKey(key.text) == key)
    }
    let letters: [NKey.Kind: Character] = [
      .operator: "O", .account: "A", .user: "U", .server: "N", .cluster: "C", .curve: "X",
    ]
    let text = NKey(kind: kind, isSeed: false, bytes: [UInt8](repeating: 0, count: 32)).text
    #expect(text.first == letters[kind])
    #expect(NKey.newSeed(kind).text.hasPrefix("S\(text.first ?? "?")"))
    #expect(NKey.newSeed(kind) != NKey.newSeed(kind))
  }

  @Test func aLetterThatIsWrongIsNoticed() throws {
    for place in Self.seed.indices {
      var letters = Array(Self.seed)
      letters[Self.seed.distance(from: Self.seed.startIndex, to: place)] = Self.seed[place] == "B" ? "C" : "B"
      #expect(throws: NATSError.self) { _ = try NKey(String(letters)) }
    }
    for text in ["", "S", "SU", "hello", String(Self.seed.dropLast()), Self.seed + "A", Self.seed.lowercased()] {
      let said = message { _ = try NKey(text) }
      #expect(said.contains("is no nkey"))
      // It may have been a seed.
      #expect(text.count < 6 || !said.contains(text))
    }
  }

  @Test func aSeedIsNotShownByAccident() throws {
    let seed = try NKey(Self.seed)
    #expect(!"\(seed) \(String(reflecting: seed))".contains(Self.seed))
  }

  @Test func base32AndTheCheckSum() {
    // RFC 4648's examples, and the check value of CRC-16/XMODEM.
    let examples = ["": "", "f": "MY", "fo": "MZXQ", "foo": "MZXW6", "foob": "MZXW6YQ", "fooba": "MZXW6YTB"]
    for (plain, text) in examples {
      #expect(Base32.encoded(Array(plain.utf8)) == text)
      #expect(Base32.decoded(text) == Array(plain.utf8))
    }
    #expect(CheckSum.crc16(Array("123456789".utf8)[...]) == 0x31c3)
  }

  @Test func aTokenIsReadAndNamed() throws {
    let claims = Array(#"{"name":"ann","sub":"U?>"}"#.utf8)
    let token = try ClaimsToken.signed(claims, by: NKey(Self.seed), signer: Echo())
    #expect(!token.contains("=") && !token.contains("+") && !token.contains("/"))
    #expect(try ClaimsToken.claims(of: token) == claims)
    #expect(ClaimsToken.name(in: token) == "ann")
    for text in ["", "a.b", "a.b.c", "..", token + ".x", String(token.dropFirst(3))] {
      #expect(throws: NATSError.self) { _ = try ClaimsToken.claims(of: text) }
    }
  }

  @Test func aCredsFileHoldsBoth() throws {
    let text = """
      -----BEGIN NATS USER JWT-----
      eyJ0.eyJu.c2ln
      ------END NATS USER JWT------

      ************************* IMPORTANT *************************
      NKEY Seed printed below can be used to sign and prove identity.

      -----BEGIN USER NKEY SEED-----
      \(Self.seed)
      ------END USER NKEY SEED------
      """
    for text in [text, text.split(separator: "\n").joined(separator: "\r\n")] {
      guard case .jwt("eyJ0.eyJu.c2ln", let seed, _) = try Credentials.creds(text, from: "x", signer: Echo()) else {
        Issue.record("no JWT")
        return
      }
      #expect(seed.text == Self.seed)
    }
    let account = NKey.newSeed(.account).text
    for broken in ["", "-----BEGIN NATS USER JWT-----", text.replacing(Self.seed, with: account)] {
      let said = message { _ = try Credentials.creds(broken, from: "/a/file", signer: Echo()) }
      #expect(said.contains("/a/file") && !said.contains(account))
    }
  }
}

/// Signs with what it is given.
private struct Echo: Signer {
  func publicKey(of seed: [UInt8]) throws(Problem) -> [UInt8] { seed }
  func signature(of message: [UInt8], by seed: [UInt8]) throws(Problem) -> [UInt8] { seed + message.prefix(32) }
}
