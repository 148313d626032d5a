import Testing

@testable import NATS

@Suite struct PlainJSONTests {
  private func read(_ json: String) -> [String]? {
    var values: [String] = []
    let isPlain = PlainJSON.read(Array(json.utf8)) { object, name, value in
      let shown =
        switch value {
        case .text(let text): String(decoding: text, as: UTF8.self)
        case .number(let number): "\(number)"
        case .bool(let bool): "\(bool)"
        }
      values.append("\(object ?? "-").\(name)=\(shown)")
      return name != "refused"
    }
    return isPlain ? values : nil
  }

  @Test(arguments: [
    (#"{"type":"get","message":{"subject":"a.b","seq":7}}"#, ["-.type=get", "message.subject=a.b", "message.seq=7"]),
    (#" { "error" : { "code" : 400 } , "done" : true }"#, ["error.code=400", "-.done=true"]),
    (#"{"":{"":"ü"},"a":{"b":0},"c":false}"#, [".=ü", "a.b=0", "-.c=false"]),
  ])
  func objectsAreReadWithWhatIsInThem(json: String, values: [String]) {
    #expect(read(json) == values)
  }

  @Test(arguments: [
    "", "{", "{}", "[]", "7", #"{"a":{}}"#, #"{"a":{"b":{"c":1}}}"#, #"{"":{"":{"":1}}}"#, #"{"a":[1]}"#,
    #"{"a":null}"#, #"{"a":{"b":1}"#, #"{"a":{"b":1}}}"#, #"{"a":1.5}"#, #"{"a":"b\n"}"#, "{\"a\":\"\n{\"b\":1}}",
    #"{"refused":1,"a":1}"#, #"{"a":{"refused":1}}"#,
  ])
  func whatIsUnusualIsLeftToADecoder(json: String) {
    #expect(read(json) == nil)
  }

  @Test func textsAreQuotedAsJSONHasThem() {
    #expect(JSONValue.quoted("a\"\\\u{1}\nü") == #""a\"\\\u0001\nü""#)
  }
}
