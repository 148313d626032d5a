import TestSupport
import Testing

@testable import NATS

/// Users and passwords in URLs, also in those that cannot be read.
struct URLLoginTests {
  @Test(arguments: [
    ("nats://u:pw@h:1", "nats://•••@h:1"), ("nats://token@h", "nats://•••@h"), ("u:pw@h", "•••@h"),
    ("nats://u:a/b?c#d@h:1", "nats://•••@h:1"), ("nats://u:a@b/c@h", "nats://•••@h"), ("u:p://x@h", "•••@h"),
    ("nats://u:a,b@h:1", "nats://•••@h:1"), ("nats://u:p w@h", "nats://•••@h"), ("nats://u:x://y@h", "nats://•••@h"),
    ("nats://a:b@h, ws://c:d@i", "nats://•••@h, ws://•••@i"), ("nats://h,nats://c:d@i", "nats://h,nats://•••@i"),
    ("http://h/x", "http://h/x"), ("nats://h:1", "nats://h:1"), ("nats://@h", "nats://@h"), ("", ""),
  ]) func `all before the last @ is covered`(url: String, shown: String) {
    #expect(URLLogins.covered(in: url, isURL: true) == shown)
  }

  @Test(
    arguments: ["nats://u:", "ws://u:", "tls://u:", "nats://", "u:", "http://u:", "https://u:", "ftp://u:"],
    ["/", "?", "#", "@", ",", "%", ":", "://", "[", "]", "]:", " ", "\t", "\\", "@h:1/"])
  func `an error shows no part of a password`(start: String, sign: String) {
    let password = "Tr0ubadour\(sign)Xyzzy9\(sign)4222"
    let url = "\(start)\(password)@127.0.0.1:1"
    let texts = [
      message { _ = try Connection.Options(urls: url) }, message { _ = try Connection.Options(urls: "h,\(url)") },
      message { _ = try URLParts(url) },
    ]
    for text in texts {
      #expect(!text.lowercased().contains("tr0ubadour") && !text.contains("Xyzzy9"))
    }
  }

  @Test func `what stands where no login is looked for is said`() {
    let text = message { _ = try Connection.Options(urls: "nats://u:Tr0ubadour/Xy?z#9k@h:4222") }
    let problem = "its port is no number from 1 to 65535; \(URLLogins.escaping)"
    #expect(text == "nats://•••@h:4222 is no URL that nbx can use: \(problem)")
    for url in ["nats://token/x@h", "nats://token,x@h", "token,x@h", "tls://u:1#x@h", "nats://u:p@x/y@h"] {
      #expect(message { _ = try Connection.Options(urls: url) }.contains("an @ stands where none is looked for"))
    }
  }

  @Test func `what was taken for a host is not looked up aloud`() {
    let text = message { _ = try HTTPClient().get("http://t0ken.invalid/x@h/", limit: .within(patience)) }
    #expect(text.hasPrefix("http://•••@h/ is no URL that nbx can use: its host could not be looked up; in a user"))
  }

  @Test func `several servers may have logins`() throws {
    let list = try Connection.Address.list("nats://a:b@h1,h2, c:d@h3,ws://e@h4")
    #expect(list.map(\.endpoint.host) == ["h1", "h2", "h3", "h4"])
    #expect(list.map(\.user) == ["a", nil, "c", "e"])
  }
}
