#!/usr/bin/env -S python3 -I -S
"""Drives a Chromium without a window over the DevTools protocol's pipe.

    drive.py CHROMIUM STEPS

STEPS is a JSON list; what comes of it is printed as a JSON list of as many results:

    ["open", URL]              goes there and waits until it has loaded
    ["wait", EXPRESSION, S]    until the expression is true, for S seconds; its last value
    ["value", EXPRESSION]      the value of an expression
    ["run", [PROGRAM, …]]      runs a program; its exit code
    ["end", PID]               sends SIGINT to a process
    ["window", W, H]           the size of the page
    ["scheme", "dark"]         what the user prefers
    ["picture", FILE]          the page as a PNG
    ["requests"]               the address of everything that was asked for until now
    ["complaints"]             what the browser's console has been told
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Browser:
    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="nbx-browser-")
        to_browser, from_us = os.pipe()
        from_browser, to_us = os.pipe()

        def wire():
            # Both are moved out of the way first: either may be 3 or 4 itself.
            reads, writes = os.dup(to_browser), os.dup(to_us)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-extensions", "--disable-background-networking", "--remote-debugging-pipe",
             f"--user-data-dir={self.folder}", "about:blank"],
            close_fds=False, preexec_fn=wire, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_browser)
        os.close(to_us)
        self.input, self.output = from_us, from_browser
        self.buffer, self.number, self.session = b"", 0, None
        self.requests, self.complaints, self.loaded = [], [], 0
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(domain + ".enable")

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for _ in range(50):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not os.path.exists(self.folder):
                break
            time.sleep(0.1)

    def receive(self, until):
        while b"\0" not in self.buffer:
            if not select.select([self.output], [], [], max(0, until - time.monotonic()))[0]:
                return None
            more = os.read(self.output, 1 << 16)
            if not more:
                raise SystemExit("Chromium has ended")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return self.note(json.loads(message))

    def note(self, message):
        method, told = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded += 1
        elif method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        return message

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.input, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 240
        while True:
            answer = self.receive(until)
            if answer is None:
                raise SystemExit(f"Chromium does not answer {method}")
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def listen(self, seconds):
        until = time.monotonic() + seconds
        while self.receive(until):
            pass

    def value(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']['exception'].get('description')}")
        return answer["result"].get("value")

    def step(self, name, *words):
        if name == "open":
            before = self.loaded
            self.ask("Page.navigate", url=words[0])
            until = time.monotonic() + 240
            while self.loaded == before and self.receive(until):
                pass
        elif name == "wait":
            until = time.monotonic() + words[1]
            while not (last := self.value(words[0])) and time.monotonic() < until:
                self.listen(0.1)
            return last
        elif name == "value":
            return self.value(words[0])
        elif name == "run":
            return subprocess.run(words[0], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
        elif name == "end":
            os.kill(words[0], signal.SIGINT)
        elif name == "window":
            self.ask("Emulation.setDeviceMetricsOverride", width=words[0], height=words[1], deviceScaleFactor=1,
                     mobile=False)
        elif name == "scheme":
            self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": words[0]}])
        elif name == "picture":
            data = self.ask("Page.captureScreenshot", captureBeyondViewport=False)["data"]
            with open(words[0], "wb") as file:
                file.write(base64.b64decode(data))
        elif name == "requests":
            return list(self.requests)
        elif name == "complaints":
            return list(self.complaints)
        else:
            raise SystemExit(f"there is no step {name}")
        return None


browser = Browser(sys.argv[1])
try:
    json.dump([browser.step(*step) for step in json.loads(sys.argv[2])], sys.stdout)
finally:
    browser.close()
