/// The logins that a sandbox's servers know unless a recipe or a context says otherwise.
package struct NatsAccounts: Sendable {
  package struct Login: Sendable {
    package var user: String
    package var password: String
  }

  /// Of `$SYS`, which may ask servers about themselves.
  package var system = Login(user: "sys", password: "sys")
  /// Of `JS`, which has JetStream.
  package var jetStream = Login(user: "js", password: "js")

  package init() {}
}
