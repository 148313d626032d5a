import LineEditor
import TestSupport
import Testing

struct SecretSignsTests {
  @Test(arguments: [
    "let s = secret(\"x\")", "let Password = 5", "let tokens = 5", "kubectl get secret x -n y",
    "let x = \"http://a.b\" + \"nats://user:hunter3@h:4222\"", "let x = \"nats://user:p w/3@h:4222\"",
    "nats pub a b --server nats://t0p@h", "exec scp user:hunter2@h .",
    "let s = \"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\"",
    "let j = \"eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJ\"",
    "exec curl -u user:hunter8 http://x", "exec curl -uuser:hunter8 http://x", "exec curl --user=user:hunter8 http://x",
    "exec smbclient -U user%hunter8 //h/s", "exec curl -u user:123456 http://x",
    "exec curl -H \"Authorization: Bearer abc\" http://x", "exec curl -b \"Cookie: a=b\" http://x",
    "let pass = \"x\"", "let pwd = \"x\"", "let pw = 1", "let cred = 1", "let creds = 1", "let apikey = 1",
    "let api_key = 1", "let apiKey = 1", "let gwPass = 1", "let gw_pass = 1", "let gwpass = 1", "let DB_PW = 1",
    "nats pub a b --pass x", "nats pub a b --creds u.creds", "exec sshpass -p x ssh h", "task f(pw) {\n  print pw\n}",
    "let j = \"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\"", "exec mysql -uroot -psecret99", "exec mysql -phunter2 db",
    "exec mysql '-pS3cr3t'", "let a = \"AKIAIOSFODNN7EXAMPLE\"", "let a = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEAB\"",
    "let a = \"ASIAY34FZKBOKMUTVV7A\"", "let g = \"ghp_abcdefghijkl\"", "let g = \"glpat-abcdefghijkl\"",
    "exec docker login -u me -p hunter2", "let k = \"-----BEGIN RSA KEY-----\"", "let k = \"sk-abcdefghijkl\"",
    "exec curl http://h/?key=dGhpcyBpcyBhIGtleQ12", "exec env AWS_ACCESS_KEY_ID=x true",
  ]) func `a line that may hold a secret is known`(line: Named<String>) {
    #expect(SecretSigns.areIn(line.value))
  }

  @Test(arguments: [
    "nats stream ls", "let limit = 3", "nats stream add ORDERS --subjects 'orders.>' --replicas 3 --cluster c1",
    "print \"http://127.0.0.1:8222/varz\"", "nats pub orders@eu hello", "let passed = 5", "print { a: 1, b: \"x\" }",
    "exec docker run --user 1000 alpine", "exec docker run -u 1000 -p 80:80 alpine", "kubectl get pods -n nats",
    "run \"recipes/install.nbx\" replicas=1", ":plan foreach c in clusters { nats stream rm ORDERS --force on c }",
    "exec docker run -p8080:80 -p127.0.0.1:53:53/udp alpine", "exec mkdir -p a/b", "exec tool -parallel 4",
    "read(\"/Users/Me/Projects2/recipes/kv-2.nbx\")", "run \"recipes/experiments/region-loss.nbx\" c1 c2",
    "exec docker pull ghcr.io/nats-io/nats-server:2.11.4-alpine3.21", "let swapped = \"a\".upper",
    "let compassion = 0", "[c.name for c in clusters]",
  ]) func `an ordinary line is not`(line: Named<String>) { #expect(!SecretSigns.areIn(line.value)) }
}
