/// The logins that a sandbox's servers know unless a recipe or a context says otherwise.
struct NatsAccounts: Sendable {
  struct Login: Sendable {
    var user: String
    var password: String
  }

  /// Of `$SYS`, which may ask servers about themselves.
  var system = Login(user: "sys", password: "sys")
  /// Of `JS`, which has JetStream.
  var jetStream = Login(user: "js", password: "js")
}
