"""Runs programs one at a time for the harness and measures each: a process of its own, because it has to be small.

Linux counts what a process used before its exec into its peak, so nothing that this starts can seem smaller than this.
It reads a line of JSON for each program from standard input, and answers with one.
"""

import json
import os
import signal
import sys
import time


def run(order):
    """Seconds from just before the start to the end, the exit status, the peak of its memory in bytes."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    words = order["words"]
    start = time.perf_counter()
    # Python ignores SIGPIPE, and what it ignores a program that it starts would ignore as well.
    pid = os.posix_spawn(words[0], words, order["environment"], file_actions=actions, setsigdef=[signal.SIGPIPE])
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    return {"seconds": seconds, "status": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss * unit}


def main():
    # The harness interrupts the whole group: the program that runs ends, and this goes on.
    signal.signal(signal.SIGTERM, lambda *_: None)
    for line in sys.stdin:
        try:
            answer = run(json.loads(line))
        except OSError as error:
            answer = {"problem": str(error)}
        print(json.dumps(answer), flush=True)


main()
