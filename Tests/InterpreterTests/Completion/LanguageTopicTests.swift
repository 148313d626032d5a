import Interpreter
import Testing

struct LanguageTopicTests {
  @Test func `every type that has methods is told of`() {
    // Of secrets and null the function and the keyword tell.
    for kind in ValueKind.allCases where ![.unknown, .secret, .null].contains(kind) {
      #expect(LanguageTopic.named(kind.name)?.kind == kind, "\(kind)")
    }
  }

  @Test func `every operator is told of`() {
    let all = BinaryOperator.allCases.map(\.rawValue).filter { $0 != "in" && $0 != "matches" }
    for sign in all { #expect(LanguageTopic.named(sign) != nil, "\(sign)") }
  }
}
