"""The campaign with a NATS server that is out for trouble."""

import json
import os
import re
import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

from campaign import Campaign
from findings import Finding

# Single calls, as a recipe makes them.
CALLS = """
server list
server ping
server info n1
server report connections
server report jetstream
server check connection
server check meta
server check jetstream
account info
rtt
stream info S
stream ls
stream ls --names
stream add S --subjects s
stream edit S --max-msgs 5
stream rm S --force
stream purge S --force
stream report
stream subjects S
stream get S 1
stream rmm S 1 --force
stream cluster step-down S
consumer info S C
consumer ls S
consumer report S
consumer add S C
consumer rm S C --force
consumer pause S C 1h --force
consumer next S C --count 3
consumer next S C --count 3 --raw
consumer ack $JS.ACK.S.C.1.1.1.1.1
kv add B
kv put B k v
kv create B k v
kv update B k v 1
kv get B k
kv history B k
kv watch B --count 2
kv ls
kv ls B
kv status B
kv del B k --force
object add B
object ls B
object get B o --output got
object info B o
object put B o
pub a b
pub a b --count 50
pub a b --jetstream
sub a --count 2
sub a --count 2 --queue q
request a b
request a b --replies 3
bench pub a --msgs 100
bench sub a --msgs 10
bench js pub sync s --stream S --msgs 5
bench js fetch --stream S --msgs 5
bench kv put --bucket B --msgs 5
latency a --msgs 3
""".strip().splitlines()
# What is put in the place of something in an answer.
ODD = [None, True, -1, 0, 1, 2**53, 2**63, 2**64 - 1, -2**63 - 1, 1e308, "", "x", "\u001b[31m", "2024-13-45T99:99:99Z",
       "9" * 400, [], {}, [[]], {"a": None}, "\u202e\u0007", "0001-01-01T00:00:00Z", ["x"], {"name": 3}]
PASSWORD = "Hunter2-hunter2/?#"
# How long a call may take, and how much longer it may be until it has ended: the machine may be busy.
LIMIT = 2
SLACK = 60
MEMORY = 1 << 30


class ServerCampaign(Campaign):
    """A call ends within its time, says why it failed, keeps its password to itself, and takes no more memory than it has to."""

    name = "server"
    cases = "calls"
    abreast = 6

    def __init__(self, programs, folder, repository):
        super().__init__(programs, folder, repository)
        self.latest = 0.0
        self.pool = ThreadPoolExecutor(self.abreast)
        self.write("calls.nbx", b"".join(recipe_of(call, 4222) for call in CALLS))
        checked = programs.run(["check", "calls.nbx"], folder)
        if checked.status != 0:
            raise SystemExit(f"the calls of the campaign are not nbx's any more:\n{checked.said}")

    def round(self, numbers):
        seeds = [numbers.randrange(1 << 48) for _ in range(4 * self.abreast)]
        for finding in list(self.pool.map(self._call, seeds)):
            if finding is not None:
                raise finding
        return len(seeds)

    def _call(self, seed):
        numbers = Random(seed)
        call = numbers.choice(CALLS)
        folder = os.path.join(self.folder, str(seed))
        server = HostileServer(numbers)
        try:
            recipe = recipe_of(call, server.port)
            self.write(os.path.join(folder, "call.nbx"), recipe)
            environment = self.programs.environment(folder)
            ended = self.programs.run(["run", "call.nbx"], folder, LIMIT + SLACK, environment)
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)
        self.latest = max(self.latest, ended.seconds - LIMIT)
        what = problem_of(ended)
        if what is None:
            return None
        said = f"{ended.said}\nthe server had said: {server.said()}"
        return Finding(f"nats {call}: {what}", "nbx run call.nbx, with a server that says what stands below",
                       {"call.nbx": recipe}, said)

    def remark(self):
        return f"; the slowest had ended {max(0, self.latest):.1f} s after its limit of {LIMIT} s"

    def end(self):
        self.pool.shutdown(cancel_futures=True)


def recipe_of(call, port):
    words = " ".join(f"'{word}'" if "$" in word else word for word in call.split())
    document = 'with "abc" ' if call.startswith("object put") else ""
    return (f"nats {words} --server nats://127.0.0.1:{port} --user js --password ${{secret('{PASSWORD}')}} "
            f"{document}within {LIMIT}s\n").encode()


def problem_of(ended):
    if ended.problem:
        return ended.problem
    if ended.status not in (0, 1):
        return f"exit status {ended.status}"
    if ended.status == 1 and not re.search(rb"^error: .+\n +--> call\.nbx:1:", ended.errors, re.MULTILINE):
        return "it fails without an error"
    if PASSWORD.encode() in ended.output + ended.errors:
        return "the password is in what it says"
    if ended.peak > MEMORY:
        return f"it took {ended.peak >> 20} MiB of memory"
    raw = re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]", ended.errors)
    if raw:
        return f"{raw[0]!r} comes to the terminal as it is"
    return None


class HostileServer:
    """Greets most clients well, answers in ways that are nearly right, and sooner or later does something else."""

    def __init__(self, numbers):
        self.numbers = numbers
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_over = threading.Event()
        self.connections = []
        self.log = bytearray()
        self.greets_well = numbers.random() < 0.8
        # After so many lines of a client it loses its temper.
        self.patience = numbers.choice([2, 4, 6, 10, 30, 1000])
        self.wrong = numbers.choice([0.0, 0.1, 0.5])
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.is_over.set()
        for open_socket in [self.listener, *self.connections]:
            try:
                open_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            open_socket.close()

    def said(self):
        return repr(bytes(self.log[:3000]))

    def _accept(self):
        while not self.is_over.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(client)
            # Each connection has numbers of its own: which of them is served first is chance.
            connection = Connection(self, client, Random(self.numbers.random()))
            threading.Thread(target=connection.serve, daemon=True).start()


class Connection:
    def __init__(self, server, client, numbers):
        self.server = server
        self.client = client
        self.numbers = numbers
        self.subscriptions = {}
        self.lines = 0

    def serve(self):
        try:
            self._greet()
            rest = b""
            while not self.server.is_over.is_set():
                part = self.client.recv(1 << 16)
                if not part:
                    return
                *lines, rest = (rest + part).split(b"\r\n")
                for line in lines:
                    self._hear(line)
        except (OSError, ValueError):
            pass
        finally:
            self.client.close()

    def _say(self, data):
        if len(self.server.log) < 4000:
            self.server.log += data[:2000]
        self.client.sendall(data)

    def _greet(self):
        info = {"server_id": "NHOSTILE", "server_name": "n1", "version": "2.11.4", "headers": True, "max_payload": 1 << 20,
                "proto": 1, "client_id": 1, "jetstream": True, "cluster": "c1", "auth_required": True}
        if self.server.greets_well:
            return self._say(b"INFO " + json.dumps(info).encode() + b" \r\n")
        kind = self.numbers.randrange(9)
        if kind == 0:
            self._misbehave()
        elif kind == 1:
            self._say(b"INFO " + json.dumps(info).encode()[:self.numbers.randrange(80)])
        elif kind == 2:
            info["tls_required"] = True
        elif kind == 3:
            info["nonce"] = self.numbers.choice(ODD)
        elif kind == 4:
            info["connect_urls"] = self.numbers.choice([ODD, ["127.0.0.1:1"] * 2000, [":::", "nats://", "x:99999999"]])
        elif kind == 5:
            info["max_payload"] = self.numbers.choice(ODD)
        elif kind == 6:
            self.server.is_over.wait(self.numbers.random() * 3)
        else:
            info = odd(info, self.numbers)
        return self._say(b"INFO " + json.dumps(info).encode() + b"\r\n")

    def _hear(self, line):
        words = line.split(b" ")
        verb = words[0].upper()
        self.lines += 1
        if self.lines > self.server.patience and self.numbers.random() < 0.5:
            self._misbehave()
        if verb == b"PING":
            return self._say(b"PONG\r\n" if self.numbers.random() > self.server.wrong / 5 else b"PONG \r\nPING\r\n+OK\r\n")
        if verb == b"SUB" and len(words) > 2:
            self.subscriptions[words[-1]] = words[1]
            if not words[1].startswith(b"_INBOX") and self.numbers.random() < 0.7:
                self._deliver(words[1], words[-1])
        if verb in (b"PUB", b"HPUB"):
            # PUB subject [reply] size, HPUB subject [reply] size size
            count = 4 if verb == b"PUB" else 5
            if len(words) == count:
                self._answer(words[1], words[2])
        return None

    def _answer(self, subject, reply):
        number = next((number for number, of in self.subscriptions.items() if fits(reply, of)), b"1")
        for _ in range(self.numbers.choice([0, 1, 1, 1, 1, 1, 2, 5])):
            if self.numbers.random() < self.server.wrong:
                return self._misbehave()
            if b".MSG.NEXT." in subject:
                self._deliver(b"s", number, ack=b"$JS.ACK.S.C.1.%d.1.1700000000000000000.0" % self.numbers.randrange(9))
            elif b".DIRECT.GET." in subject:
                self._message(reply, number, b"value", headers=[
                    "Nats-Stream: KV_B", "Nats-Subject: $KV.B.k", f"Nats-Sequence: {self.numbers.choice(ODD)}",
                    f"Nats-Time-Stamp: {self.numbers.choice(ODD)}"])
            else:
                answer = odd(answer_to(subject.decode("utf-8", "replace"), self.numbers), self.numbers)
                text = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
                if self.numbers.random() < 0.1:
                    text = text[:self.numbers.randrange(len(text) + 1)]
                self._message(reply, number, text)
        return None

    def _deliver(self, subject, number, ack=b""):
        """What a subscriber gets: a message, or a word of the server's about the delivery."""
        status = self.numbers.choice(["", "", "", " 100 Idle Heartbeat", " 404 No Messages", " 408 Request Timeout",
                                      " 409 Consumer Deleted", " 503", " 999999999999999999999", " x", " 409 \u001b[2J"])
        for _ in range(self.numbers.choice([1, 1, 2, 5])):
            body = self.numbers.choice([b"hello", b"", bytes(range(256)), b"\xff\xfe", b"1" * 70000])
            self._message(subject.replace(b">", b"x").replace(b"*", b"x"), number, body, ack, status)

    def _message(self, subject, number, body, reply=b"", status="", headers=()):
        if self.numbers.random() < self.server.wrong / 4:
            number = b"%d" % self.numbers.randrange(20)
        target = b" ".join(word for word in (subject, number, reply) if word)
        if status or headers or self.numbers.random() < 0.1:
            block = f"NATS/1.0{status}\r\n" + "".join(f"{line}\r\n" for line in headers) + "\r\n"
            head = block.encode("utf-8", "replace")
            self._say(b"HMSG %s %d %d\r\n%s%s\r\n" % (target, len(head), len(head) + len(body), head, body))
        else:
            self._say(b"MSG %s %d\r\n%s\r\n" % (target, len(body), body))

    def _misbehave(self):
        kind = self.numbers.randrange(14)
        if kind == 0:
            raise OSError
        if kind == 1:
            # Nothing more is read or said.
            self.server.is_over.wait(LIMIT + SLACK)
            raise OSError
        if kind == 2:
            part = b"MSG x 1 5\r\nhello\r\n" * 4000
            for _ in range(500):
                self._say(part)
        elif kind == 3:
            for _ in range(500):
                self._say(b"x" * 65536)
        elif kind == 4:
            self._say(b"MSG a 1 %d\r\n" % self.numbers.choice([-1, 0, 1 << 20, 64 << 20, 2**31, 2**63, 10**20]))
        elif kind == 5:
            self._say(b"-ERR '%s'\r\n" % self.numbers.choice([
                b"Authorization Violation", b"Permissions Violation for Publish to \"a\"", b"Maximum Connections Exceeded",
                b"\x1b[31mred\x07", b"", b"x" * 50000, b"User Authentication Expired", b"Slow Consumer", b"'''",
                b"no such user " + PASSWORD.encode(), b"\xc2\x9b31m \xe2\x80\xae"]))
        elif kind == 6:
            self._say(bytes(self.numbers.randrange(256) for _ in range(self.numbers.randrange(200))))
        elif kind == 7:
            self._say(b"INFO {\"server_id\":\"N2\",\"max_payload\":%d,\"ldm\":true,\"connect_urls\":[\"127.0.0.1:1\"]}\r\n"
                      % self.numbers.choice([0, -5, 10, 2**62]))
        elif kind == 8:
            self._say(b"HMSG a 1 %d %d\r\nNATS/1.0\r\n\r\n\r\n" % (self.numbers.randrange(30), self.numbers.randrange(30)))
        elif kind == 9:
            self._say(self.numbers.choice([b"\r\n", b"+OK\r\n", b"MSG\r\n", b"MSG a\r\n", b"PING\r\n", b"PONG\r\n" * 50]))
        elif kind == 10:
            # Letter by letter.
            for letter in b"MSG _INBOX.x 1 5\r\nhello\r\n":
                self._say(bytes([letter]))
                self.server.is_over.wait(0.05)
        elif kind == 11:
            for _ in range(200000):
                self._say(b"PING\r\n")
        elif kind == 12:
            self._say(b"INFO {" + b" " * (2 << 20))
        else:
            self._say(b"MSG a 1 10\r\nhell")
            raise OSError


def fits(subject, of):
    return of == subject or (of.endswith((b"*", b">")) and subject.startswith(of[:-1]))


def odd(value, numbers):
    """The value with something else in the place of one or two parts of it, in half of all cases."""
    while numbers.random() < 0.5:
        value = _with_other_part(value, numbers)
    return value


def _with_other_part(value, numbers):
    if numbers.random() < 0.2 or not isinstance(value, (dict, list)) or not value:
        return numbers.choice(ODD)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key = numbers.choice(list(keys))
    changed = value.copy()
    if numbers.random() < 0.2:
        del changed[key]
    else:
        changed[key] = _with_other_part(value[key], numbers)
    return changed


def answer_to(subject, numbers):
    """What a server might answer."""
    if numbers.random() < 0.15:
        return {"type": "x", "error": {"code": 404, "err_code": numbers.choice([10059, 10014, 10008, 10037, 10071, 1]),
                                       "description": "stream not found"}}
    name = subject.split(".")[-1] if subject else "S"
    state = {"messages": 3, "bytes": 90, "first_seq": 1, "first_ts": "2025-01-01T00:00:00Z", "last_seq": 3,
             "last_ts": "2025-01-01T00:00:01.123456789Z", "consumer_count": 1, "num_subjects": 1, "subjects": {"s": 3}}
    cluster = {"name": "c1", "leader": "n1", "replicas": [{"name": "n2", "current": True, "active": 5000, "lag": 0}]}
    stream = {"config": {"name": name, "subjects": ["s"], "retention": "limits", "max_consumers": -1, "max_msgs": -1,
                         "max_bytes": -1, "max_age": 0, "max_msgs_per_subject": 1, "max_msg_size": -1, "storage": "file",
                         "discard": "old", "num_replicas": 1, "duplicate_window": 120000000000, "allow_direct": True},
              "created": "2025-01-01T00:00:00Z", "state": state, "cluster": cluster}
    consumer = {"stream_name": "S", "name": "C", "created": "2025-01-01T00:00:00Z", "num_pending": 3, "num_ack_pending": 0,
                "num_redelivered": 0, "num_waiting": 0, "delivered": {"consumer_seq": 1, "stream_seq": 1},
                "ack_floor": {"consumer_seq": 1, "stream_seq": 1}, "cluster": cluster,
                "config": {"durable_name": "C", "ack_policy": "explicit", "ack_wait": 30000000000, "deliver_policy": "all",
                           "replay_policy": "instant", "max_deliver": -1}}
    pages = {"total": 1, "offset": 0, "limit": 256}
    answers = {
        "STREAM.INFO": stream, "STREAM.CREATE": stream, "STREAM.UPDATE": stream, "CONSUMER.INFO": consumer,
        "CONSUMER.CREATE": consumer, "CONSUMER.DURABLE": consumer, "STREAM.DELETE": {"success": True},
        "STREAM.PURGE": {"success": True, "purged": 3}, "STREAM.LIST": {**pages, "streams": [stream]},
        "STREAM.NAMES": {**pages, "streams": ["S", "KV_B"]}, "CONSUMER.LIST": {**pages, "consumers": [consumer]},
        "CONSUMER.NAMES": {**pages, "consumers": ["C"]}, "CONSUMER.DELETE": {"success": True},
        "STREAM.MSG.GET": {"message": {"subject": "s", "seq": 1, "data": "aGVsbG8=", "hdrs": "TkFUUy8xLjANCg0K",
                                       "time": "2025-01-01T00:00:00Z"}},
        "API.INFO": {"memory": 0, "storage": 90, "streams": 1, "consumers": 1, "api": {"total": 5, "errors": 0},
                     "limits": {"max_memory": -1, "max_storage": -1, "max_streams": -1, "max_consumers": -1}},
        "$SYS.REQ": {"server": {"name": "n1", "id": "NHOSTILE", "cluster": "c1", "ver": "2.11.4", "jetstream": True,
                                "time": "2025-01-01T00:00:00Z", "host": "127.0.0.1", "seq": 1},
                     "statsz": {"start": "2025-01-01T00:00:00Z", "mem": 1, "cpu": 0.5, "connections": 1, "routes": [],
                                "gateways": []}, "data": {"connections": [], "meta_cluster": cluster}},
    }
    for part, answer in answers.items():
        if part in subject:
            return answer
    return {"stream": "S", "seq": 3}
