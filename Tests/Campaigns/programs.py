"""Runs nbx with a limit to each run, and ends whatever still runs when the campaigns end."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

# What a Swift program ends with when it traps, should a shell stand between.
CRASHES = {132, 133, 134, 135, 136, 139}


class Ended:
    """A run that is over: `status` is negative where a signal ended it."""

    def __init__(self, words, status, output, errors, seconds, peak, is_late):
        self.words = words
        self.status = status
        self.output = output
        self.errors = errors
        self.seconds = seconds
        # In bytes: the most memory that it held.
        self.peak = peak
        # It was ended because its time was over.
        self.is_late = is_late

    @property
    def problem(self):
        """What no run may be, in words; none if it ended by itself."""
        if self.is_late:
            return f"it had not ended after {self.seconds:.0f} s"
        if self.status < 0 or self.status in CRASHES or b"Fatal error" in self.errors:
            return f"it crashed (exit status {self.status})"
        return None

    @property
    def said(self):
        """The end of what it said, for a report."""
        text = (self.output[-1500:] + self.errors[-3000:]).decode("utf-8", "replace")
        return "\n".join(line[:300] for line in text.splitlines()[-25:])


class Programs:
    """The program that is tried. Runs may be started from several threads."""

    def __init__(self, nbx, folder):
        self.nbx = nbx
        self.folder = folder
        self._running = set()
        self._lock = threading.Lock()
        self._is_over = False

    def environment(self, home):
        """What nbx gets, so that it meets nothing of the user's: `home` is a folder."""
        dropped = re.compile("NBX_|NATS_|XDG_|NO_COLOR")
        kept = {name: value for name, value in os.environ.items() if not dropped.match(name)}
        return kept | {
            "NBX_HOME": os.path.join(home, "home"), "XDG_CONFIG_HOME": os.path.join(home, "config"),
            "NBX_TARGET": "local", "NO_COLOR": "1"}

    def start(self, words, folder, environment=None):
        """Starts nbx; `wait` ends it."""
        with self._lock:
            if self._is_over:
                raise KeyboardInterrupt
            output, errors = tempfile.TemporaryFile(dir=self.folder), tempfile.TemporaryFile(dir=self.folder)
            process = subprocess.Popen(
                [self.nbx, *words], cwd=folder, env=environment or self.environment(self.folder),
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True)
            process.began, process.files, process.words = time.monotonic(), (output, errors), words
            self._running.add(process)
        return process

    def wait(self, process, limit):
        """Waits until it has ended by itself, or ends it after `limit` seconds."""
        is_late, pause = False, 0.0005
        while True:
            # Nobody else may think that it runs once its pid is free.
            with self._lock:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    self._running.discard(process)
                    break
            if time.monotonic() - process.began > limit and not is_late:
                is_late = True
                os.kill(process.pid, signal.SIGKILL)
            time.sleep(pause)
            pause = min(0.02, pause * 1.5)
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in process.files:
            file.seek(0)
            texts.append(file.read())
            file.close()
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        seconds = time.monotonic() - process.began
        return Ended(process.words, process.returncode, *texts, seconds, peak, is_late)

    def run(self, words, folder, limit=120, environment=None):
        return self.wait(self.start(words, folder, environment), limit)

    def end_running(self):
        """Ends what runs, wherever somebody waits for it or not."""
        with self._lock:
            for process in self._running:
                os.kill(process.pid, signal.SIGKILL)
                # Whoever waits for it does so still; what it was doing is over.
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    def end_all(self):
        """From here on nothing is started, and nothing that was runs on."""
        with self._lock:
            self._is_over = True
        self.end_running()
