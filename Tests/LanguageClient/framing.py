"""What no client should send: broken heads, broken JSON, messages out of order, a client that goes away."""

import json
import os
import re
import signal
import subprocess
import sys

from outcomes import run_all

SERVER = [sys.argv[1], "lsp"]
DEEP = 20_000


class Stream:
    def __init__(self):
        self.server = subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def raw(self, data):
        self.server.stdin.write(data)
        self.server.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def receive(self, id="any"):
        while True:
            length = None
            while line := self.server.stdout.readline().strip():
                length = int(line.split(b":")[1]) if line.startswith(b"Content-Length") else length
            message = json.loads(self.server.stdout.read(length))
            if id == "any" or message.get("id", "none") == id:
                return message

    def ask(self, id, method, **parameters):
        self.send({"id": id, "method": method, "params": parameters})
        return self.receive(id)

    def start(self):
        return self.ask(0, "initialize", processId=None, capabilities={})

    def ended(self):
        return self.server.wait(240)


def heads():
    stream = Stream()
    stream.start()
    for rubbish in [
        b"\r\n", b"\n\n\n", b"Content-Length: many\r\n\r\n", b"Content-Length: -5\r\n\r\n", b"Content-Type: x\r\n\r\n",
        b"nothing of the kind\r\n\r\n", b"Content-Length: 99999999999999999999999999\r\n\r\n", b"\x00\xff\xfe\r\n\r\n",
        b"x" * 1_000_000 + b"\r\n\r\n", b"Content-Length: 3\r\n\r\nxyz", b"Content-Length: 0\r\n\r\n",
    ]:
        stream.raw(rubbish)
        assert stream.ask(rubbish.hex()[:8], "nix")["error"]["code"] == -32601, rubbish[:40]
    body = b'{"jsonrpc":"2.0","id":"late","method":"nix"}'
    for byte in b"content-type: application/x\r\nCONTENT-LENGTH:  %d\r\n\r\n%s" % (len(body), body):
        stream.raw(bytes([byte]))
    assert stream.receive("late")["error"]["code"] == -32601
    stream.send({"id": 9, "method": "shutdown"})
    stream.receive(9)
    stream.send({"method": "exit"})
    assert stream.ended() == 0


def messages():
    stream = Stream()
    assert stream.ask(1, "textDocument/hover")["error"]["code"] == -32002
    stream.send({"method": "textDocument/didOpen", "params": {}})
    stream.start()
    # An answer is not answered, and it may say nothing.
    stream.send({"id": "watch", "result": None})
    stream.send({"id": 2, "method": "nix"})
    assert stream.receive()["id"] == 2
    assert stream.ask(2, "initialize")["error"]["code"] == -32600
    assert stream.ask(3, "no/such")["error"]["code"] == -32601
    for parameters in [{}, {"textDocument": 5}, {"textDocument": {"uri": "file:///nowhere.nbx"}, "position": "x"}]:
        for method in ["hover", "completion", "definition", "references", "rename", "formatting", "documentSymbol",
                       "semanticTokens/full", "prepareRename"]:
            answer = stream.ask(method, "textDocument/" + method, **parameters)
            assert answer.get("result") is None, answer
    for strange in [[], 5, None, {"id": 4}, {"method": 7, "id": 4}]:
        body = json.dumps(strange).encode()
        stream.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    deep = b'{"id":1,"method":' + b"[" * 200_000
    stream.raw(b"Content-Length: %d\r\n\r\n%s" % (len(deep), deep))
    document = {"uri": "untitled:Untitled-1", "version": 1, "text": "print nix\n"}
    stream.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
    far = {"start": {"line": 2**63 - 1, "character": 2**63 - 1}, "end": {"line": -5, "character": -5}}
    stream.send({"method": "textDocument/didChange", "params": {
        "textDocument": {"uri": document["uri"], "version": 2**63 - 1}, "contentChanges": [{"range": far, "text": "print 1\n"}, {}]}})
    stream.send({"method": "textDocument/didChange", "params": {
        "textDocument": {"uri": "untitled:never-opened"}, "contentChanges": [{"text": "x"}]}})
    assert stream.ask(5, "textDocument/documentSymbol", textDocument={"uri": document["uri"]})["result"] == []
    stream.send({"id": 6, "method": "shutdown"})
    stream.receive(6)
    assert stream.ask(7, "textDocument/hover")["error"]["code"] == -32600
    stream.send({"method": "exit"})
    assert stream.ended() == 0


def large():
    stream = Stream()
    stream.start()
    size = 200 << 20
    stream.raw(b"Content-Length: %d\r\n\r\n" % size)
    for _ in range(size >> 20):
        stream.raw(b" " * (1 << 20))
    assert stream.receive("none")["method"] == "window/logMessage"
    with open(f"/proc/{stream.server.pid}/status") as status:
        peak = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))
    assert peak < 150_000, peak
    text = "let a = (" * DEEP
    stream.send({"method": "textDocument/didOpen", "params": {
        "textDocument": {"uri": "untitled:deep", "version": 1, "text": text}}})
    assert stream.ask(1, "textDocument/hover", textDocument={"uri": "untitled:deep"}, position={"line": 0, "character": 5})
    # All on one line, and deeper than a stack.
    for text in ['print "\U0001f600", nix ' + "[nix], é" * DEEP, 'step "x" { ' * DEEP, "(" * DEEP]:
        document = {"uri": "untitled:line", "version": 1, "text": text}
        stream.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        for method in ["semanticTokens/full", "documentSymbol", "completion", "references", "formatting"]:
            stream.ask(method, "textDocument/" + method, textDocument={"uri": "untitled:line"},
                       position={"line": 0, "character": len(text) - 5})
    stream.server.stdin.close()
    assert stream.ended() == 1


def goodbye():
    # The end of the input, with and without `shutdown`; `exit` alone; before `initialize`.
    stream = Stream()
    stream.server.stdin.close()
    assert stream.ended() == 1
    stream = Stream()
    stream.send({"method": "exit"})
    assert stream.ended() == 1
    stream = Stream()
    stream.start()
    stream.raw(b"Content-Length: 100\r\n\r\n{")
    stream.server.stdin.close()
    assert stream.ended() == 1
    # An editor that was killed while others hold its end of the pipe open.
    editor = subprocess.Popen(["sleep", "600"])
    stream = Stream()
    stream.ask(0, "initialize", processId=editor.pid, capabilities={})
    editor.send_signal(signal.SIGKILL)
    editor.wait()
    assert stream.ended() == 1
    # Nobody reads what it says.
    stream = Stream()
    stream.start()
    stream.server.stdout.close()
    stream.send({"id": 1, "method": "nix"})
    stream.server.stdin.close()
    assert stream.ended() == 1


if __name__ == "__main__":
    run_all([heads, messages, large, goodbye], lambda test: test())
