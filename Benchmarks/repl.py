"""The row `repl`: until a session's first prompt is shown at a terminal, beside a whole `nbx run` of one print."""

import os
import pty
import signal
import time

from measuring import Failed, in_pairs
from rows import times_as_long


def seconds_until(words, environment, wanted):
    """From just before the start until the terminal has been shown `wanted`; the program is ended then."""
    leader, follower = pty.openpty()
    actions = [(os.POSIX_SPAWN_DUP2, follower, number) for number in range(3)]
    start = time.perf_counter()
    pid = os.posix_spawn(words[0], words, environment, file_actions=actions, setsid=True, setsigdef=[signal.SIGPIPE])
    os.close(follower)
    seen = b""
    try:
        while wanted not in seen:
            try:
                seen += os.read(leader, 65536)
            except OSError as error:
                # Linux: nobody is at the other end any more.
                raise Failed(f"{words[0]} ended before it said {wanted!r}: {seen!r}") from error
        return time.perf_counter() - start
    finally:
        # Ctrl-D, as somebody would leave; a program that has ended already does not mind.
        try:
            os.write(leader, b"\x04")
        except OSError:
            pass
        os.waitpid(pid, 0)
        os.close(leader)


def measure(tools, files, environment, progress, count):
    environment = {**environment, "TERM": "xterm-256color", "NBX_TARGET": "local"}
    pairs = in_pairs(
        count,
        lambda: seconds_until([tools.nbx, "repl"], environment, b"nbx> "),
        lambda: seconds_until([tools.nbx, "run", files["print.nbx"]], environment, b"\n"),
        progress)
    return [times_as_long("repl", "until the first prompt", "nbx run of one print", pairs, 1.5)]
