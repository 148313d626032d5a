"""The rows `completion` and `lsp`: a file of 10,000 lines in an editor, asked over the protocol."""

import json
import os
import statistics
import subprocess
import time

import generators
from measuring import Failed
from rows import Row

LINES = 10_000
ROWS = ["completion", "lsp"]


class Server:
    """`nbx lsp` with one file open."""

    def __init__(self, nbx, environment):
        self.process = subprocess.Popen([nbx, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.uri = "file:///nowhere/large.nbx"
        self.ids = 0
        self.version = 1
        self.ask("initialize", {"processId": None, "capabilities": {}})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self, is_wanted):
        while True:
            length = None
            while line := self.process.stdout.readline().strip():
                if line.startswith(b"Content-Length:"):
                    length = int(line.split(b":")[1])
            if length is None:
                raise Failed("nbx lsp has ended")
            message = json.loads(self.process.stdout.read(length))
            if is_wanted(message):
                return message

    def ask(self, method, parameters):
        self.ids += 1
        wanted = self.ids
        self.send({"id": wanted, "method": method, "params": parameters})
        return self.receive(lambda message: message.get("id") == wanted)["result"]

    def diagnostics(self):
        """Those of the file as it is now."""
        return self.receive(
            lambda message: message.get("method") == "textDocument/publishDiagnostics"
            and message["params"].get("version") == self.version)["params"]["diagnostics"]

    def open(self, text):
        document = {"uri": self.uri, "languageId": "nbx", "version": self.version, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return self.diagnostics()

    def type(self, line, character, text, length=0):
        """One keystroke: some letters put in, or taken away."""
        self.version += 1
        place = {"start": {"line": line, "character": character}, "end": {"line": line, "character": character + length}}
        self.send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": [{"range": place, "text": text}]}})

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(names, tools, environment, count):
    text = generators.large(generators.RECIPE_BLOCK, 'recipe "many services"', LINES)
    last = text.count("\n")
    server = Server(tools.nbx, {**os.environ, **environment})
    try:
        if [finding for finding in server.open(text) if finding["severity"] == 1]:
            raise Failed("the generated recipe has errors")
        rows = []
        if "completion" in names:
            rows += [
                bounded("completion", what, completions(server, last, count, word), 20)
                for what, word in [("the flags of a command", "nats stream add X --"), ("a thousand names", "image_")]
            ]
        if "lsp" in names:
            rows.append(bounded("lsp", "a keystroke to its diagnostics", keystrokes(server, last, count), 50))
        return rows
    finally:
        server.close()


def completions(server, last, count, word):
    # The word is typed anew each time, so that nothing can be remembered.
    taken = []
    for _ in range(count + 1):
        server.type(last, 0, word)
        server.diagnostics()
        begun = time.perf_counter()
        found = server.ask("textDocument/completion", {
            "textDocument": {"uri": server.uri}, "position": {"line": last, "character": len(word)}})
        taken.append(time.perf_counter() - begun)
        if len(found["items"]) < 10:
            raise Failed("too little was offered")
        server.type(last, 0, "", len(word))
        server.diagnostics()
    return taken[1:]


def keystrokes(server, last, count):
    taken = []
    for round in range(count + 1):
        begun = time.perf_counter()
        server.type(last // 2, 0, "}")
        found = server.diagnostics()
        taken.append(time.perf_counter() - begun)
        if not found:
            raise Failed("a brace too many was not noticed")
        begun = time.perf_counter()
        server.type(last // 2, 0, "", 1)
        found = server.diagnostics()
        taken.append(time.perf_counter() - begun)
        if any(finding["severity"] == 1 for finding in found):
            raise Failed("the brace is gone, and its error is not")
    return taken[2:]


def bounded(name, what, taken, milliseconds):
    """A row whose figure is the median in milliseconds."""
    median = statistics.median(taken) * 1000
    return Row(name, f"{what}, 10,000 lines", "", taken, None, median, milliseconds, at_most=True, meaning=" ms")
