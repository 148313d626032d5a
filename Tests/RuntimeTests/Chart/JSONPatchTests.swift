import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal

/// The cases are those of RFC 6902's appendix, each written anew.
@Suite(.mayWait) struct JSONPatchTests {
  @Test(arguments: [
    ("a member", #"{"a":1}"#, #"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1,"b":2}"#),
    ("an element", #"{"l":[1,3]}"#, #"[{"op":"add","path":"/l/1","value":2}]"#, #"{"l":[1,2,3]}"#),
    ("remove a member", #"{"a":1,"b":2}"#, #"[{"op":"remove","path":"/b"}]"#, #"{"a":1}"#),
    ("remove an element", #"{"l":[1,2,3]}"#, #"[{"op":"remove","path":"/l/1"}]"#, #"{"l":[1,3]}"#),
    ("replace", #"{"a":1,"b":2}"#, #"[{"op":"replace","path":"/a","value":[0]}]"#, #"{"a":[0],"b":2}"#),
    (
      "move a member", #"{"a":{"x":1,"y":2},"b":{}}"#, #"[{"op":"move","from":"/a/x","path":"/b/z"}]"#,
      #"{"a":{"y":2},"b":{"z":1}}"#
    ),
    ("move an element", #"{"l":[1,2,3,4]}"#, #"[{"op":"move","from":"/l/1","path":"/l/3"}]"#, #"{"l":[1,3,4,2]}"#),
    (
      "test", #"{"a":"x","l":[1,{"b":2.0}]}"#,
      #"[{"op":"test","path":"/a","value":"x"},{"op":"test","path":"/l/1","value":{"b":2}}]"#,
      #"{"a":"x","l":[1,{"b":2.0}]}"#
    ),
    ("add a nested map", #"{"a":1}"#, #"[{"op":"add","path":"/b","value":{"c":{}}}]"#, #"{"a":1,"b":{"c":{}}}"#),
    ("unknown members are ignored", #"{}"#, #"[{"op":"add","path":"/a","value":1,"x":9}]"#, #"{"a":1}"#),
    ("escapes in order", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
    ("a slash in a key", #"{"a/b":1}"#, #"[{"op":"remove","path":"/a~1b"}]"#, #"{}"#),
    ("behind the last element", #"{"l":[1]}"#, #"[{"op":"add","path":"/l/-","value":[2]}]"#, #"{"l":[1,[2]]}"#),
    (
      "copy", #"{"a":{"x":1}}"#, #"[{"op":"copy","from":"/a","path":"/b"},{"op":"remove","path":"/a/x"}]"#,
      #"{"a":{},"b":{"x":1}}"#
    ),
    ("add over what is there", #"{"a":1}"#, #"[{"op":"add","path":"/a","value":null}]"#, #"{"a":null}"#),
    ("the whole", #"{"a":1}"#, #"[{"op":"add","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
    ("an empty key", #"{"":1}"#, #"[{"op":"replace","path":"/","value":2}]"#, #"{"":2}"#),
    ("move to itself", #"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#),
    ("inside a list", #"{"l":[{"a":1}]}"#, #"[{"op":"add","path":"/l/0/b","value":2}]"#, #"{"l":[{"a":1,"b":2}]}"#),
  ])
  func changes(_ what: String, _ document: String, _ patch: Named<String>, _ expected: String) throws {
    let operations = try #require(try Value.json(Array(patch.value.utf8)).elements)
    let result = try JSONPatch.apply(operations, to: try Value.json(Array(document.utf8)), place: "patch")
    #expect(result.json().string == expected, "\(what)")
  }

  @Test(arguments: [
    (#"[{"op":"test","path":"/a","value":2}]"#, "patch[0]: the test failed, /a holds something else"),
    (#"[{"op":"test","path":"/a","value":"1"}]"#, "patch[0]: the test failed, /a holds something else"),
    (#"[{"op":"add","path":"/x/y","value":1}]"#, "patch[0]: there is nothing at /x/y"),
    (#"[{"op":"add","path":"/l/3","value":1}]"#, "patch[0]: there is nothing at /l/3"),
    (#"[{"op":"add","path":"/l/01","value":1}]"#, "patch[0]: there is nothing at /l/01"),
    (#"[{"op":"add","path":"/l/-1","value":1}]"#, "patch[0]: there is nothing at /l/-1"),
    (#"[{"op":"remove","path":"/l/-"}]"#, "patch[0]: there is nothing at /l/-"),
    (#"[{"op":"remove","path":"/none"}]"#, "patch[0]: there is nothing at /none"),
    (#"[{"op":"replace","path":"/none","value":1}]"#, "patch[0]: there is nothing at /none"),
    (#"[{"op":"add","path":"/a/b","value":1}]"#, "patch[0]: there is nothing at /a/b"),
    (#"[{"op":"move","from":"/m","path":"/m/x"}]"#, "patch[0] moves /m into itself"),
    (#"[{"op":"move","from":"/none","path":"/b"}]"#, "patch[0]: there is nothing at /none"),
    (#"[{"op":"add","path":"/b"}]"#, "patch[0] needs a value"),
    (#"[{"op":"copy","path":"/b"}]"#, "patch[0] needs from"),
    (#"[{"path":"/b"}]"#, "patch[0] needs op"),
    (#"[{"op":"add","path":"/b","value":1},{"op":"spam","path":"/b"}]"#, "patch[1].op is no operation of JSON Patch"),
    (#"[{"op":"add","path":"b","value":1}]"#, "patch[0]: the path b must begin with /, or be empty for the whole"),
    (
      #"[{"op":"add","path":"/~2","value":1}]"#,
      "patch[0]: in the path /~2, a ~ must be written ~0, a / inside a key ~1"
    ),
    (#"[1]"#, "patch[0] must be a map with op and path, not an int"),
    (#"[{"op":1,"path":""}]"#, "patch[0].op must be a string, not an int"),
  ])
  func problems(_ patch: String, _ message: String) throws {
    let document: Value = ["a": 1, "l": [1, 2], "m": ["x": 1]]
    let operations = try #require(try Value.json(Array(patch.utf8)).elements)
    let found = try chartProblem { _ = try JSONPatch.apply(operations, to: document, place: "patch") }
    #expect(found.message == message)
  }
}
