"""One call: its place in the record, the time it takes, and whether it is told to fail or to hang."""

import _signal
import fcntl
import os
import re
import signal
import sys
import time

import json_text


# What is done after a call has slept takes about so long, in seconds.
WORK = 0.008
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# As `signal.pthread_sigmask`, which makes an enumeration's case of each of the 64 signals, and took a quarter of all time.
set_mask = _signal.pthread_sigmask


class Refused(Exception):
    """The call fails as the real program would."""

    def __init__(self, message, code=1, keeps_changes=False):
        self.message, self.code, self.keeps_changes = message, code, keeps_changes


class Told(Exception):
    """A signal came."""

    def __init__(self, number):
        self.number = number


def _told(number, frame):
    raise Told(number)


class Call:
    def __init__(self, program, words, folder, pid, began):
        self.program, self.words, self.folder, self.pid, self.began = program, words, folder, pid, began
        self.cluster = self.standard_input = self.injected = None
        self.said = ""
        self.number = self._next_number()
        self.fails = self._comes_true("FAIL", "AT")
        self.fails_after = self._comes_true("FAIL", "AFTER")
        self.hangs = self._comes_true("HANG", "AT")
        speed = os.environ.get("NBX_STANDIN_SPEED")
        self.speed = float(speed) if speed else None
        self._times, self._until = None, 0
        self._running = "%s/running/%06d.json" % (folder, self.number)
        self._note_running()

    @staticmethod
    def heed_signals():
        """From here on, `Told` is raised by one. Until then they are blocked."""
        for number in SIGNALS:
            signal.signal(number, _told)
        set_mask(signal.SIG_UNBLOCK, SIGNALS)

    # Record

    def _note_running(self):
        """Should the call be killed, this is what remains of it. As a whole: others may be reading."""
        with open(self._running + ".new", "wb") as file:
            file.write((self._line(None) + "\n").encode("utf-8", "surrogateescape"))
        os.rename(self._running + ".new", self._running)

    def _next_number(self):
        lock = os.open(self.folder + "/count", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        number = int(os.read(lock, 20) or b"0") + 1
        os.pwrite(lock, b"%d" % number, 0)
        os.close(lock)
        return number

    def _line(self, code):
        return json_text.write({
            "number": self.number, "program": self.program, "argv": self.words, "cluster": self.cluster,
            "stdin": self.standard_input, "exit": code, "injected": self.injected, "said": self.said,
            "start": self.began, "end": None if code is None else time.monotonic_ns(),
            "pid": self.pid})

    def end(self, code):
        """Sleeps for what is left of the call's time, and writes it into the record."""
        # What has had its effect is no longer to be interrupted.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                pass
        self._sleep(self._until)
        # One write at the end of a file: lines of calls that end together do not mix.
        record = os.open(self.folder + "/record.jsonl", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        line = (self._line(code) + "\n").encode("utf-8", "surrogateescape")
        fcntl.flock(record, fcntl.LOCK_EX)
        while line:
            line = line[os.write(record, line):]
        os.close(record)
        os.remove(self._running)

    def read_standard_input(self):
        """All of it. Only commands that were asked to read it do, as with the real programs."""
        if self.standard_input is None:
            self.standard_input = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        return self.standard_input

    # Time

    def seconds(self, *rows, section="commands"):
        """What the table says of the first of these rows that it has, in the world's own time."""
        if self.speed is None:
            return None
        if self._times is None:
            path = os.environ.get("NBX_STANDIN_TIMES") or os.path.dirname(__file__) + "/times.json"
            with open(path) as file:
                self._times = json_text.read(file.read())
        for row in rows:
            if row in self._times[section]:
                return self._times[section][row] / self.speed
        return self._times[section].get("", 0) / self.speed

    def takes(self, *rows):
        """Sleeps until the call has all but taken its time, which counts from its beginning."""
        seconds = self.seconds(*rows)
        if seconds:
            self._until = self.began / 1e9 + seconds
            self._sleep(self._until - WORK)

    @staticmethod
    def _sleep(until):
        time.sleep(max(0, until - time.monotonic()))

    def delay(self, *rows):
        """How long something needs to become ready after it was asked for."""
        seconds = self.seconds(*rows, section="ready")
        return float(os.environ.get("NBX_STANDIN_DELAY", "0.05")) if seconds is None else seconds

    def patience(self, seconds):
        """How long a time limit of so many seconds is in this world."""
        if self.speed is not None:
            return seconds / self.speed
        return min(seconds, float(os.environ.get("NBX_STANDIN_PATIENCE", "2")))

    # Injected trouble

    def _comes_true(self, what, when):
        if os.environ.get("NBX_STANDIN_%s_%s" % (what, when)) == str(self.number):
            return True
        name = what if when == "AT" else "%s_%s" % (what, when)
        pattern = os.environ.get("NBX_STANDIN_%s_MATCH" % name)
        if not pattern:
            return False
        if not re.search(pattern, " ".join([self.program] + self.words)):
            return False
        matched = os.open("%s/matched-%s" % (self.folder, name), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.write(matched, b".")
        turn = os.lseek(matched, 0, os.SEEK_CUR)
        os.close(matched)
        return turn == int(os.environ.get("NBX_STANDIN_TURN", "1"))

    def hang(self):
        """Sleeps until it is killed, or told by a signal that it does not ignore."""
        self.injected = "hang"
        for name in os.environ.get("NBX_STANDIN_HANG_IGNORES", "").replace(",", " ").split():
            signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN)
        self._note_running()
        while True:
            time.sleep(3600)
