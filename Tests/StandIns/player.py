"""Plays all calls of the stand-ins, each in a process forked from this one, which has read all their code already.

Started anew for each call, Python alone would take most of the time. `player.py` prints the path of its socket, at which
`Client/stand_in.c` hands calls over, and ends, with all that it still plays, when its standard input ends.
"""

import gc
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import _thread

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import main
import show_world
from recording import SIGNALS


def serve(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1024)
    # Nobody waits for what is played here, and what the terminal says is not meant for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    # What forked processes share stays shared only as long as nobody writes to it.
    gc.disable()
    gc.freeze()
    print(path, flush=True)
    while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            try:
                play(connection)
            finally:
                os._exit(70)
        connection.close()


def play(connection):
    """Plays one call, as if this were the process of whoever hands it over."""
    text, streams, _, _ = socket.recv_fds(connection, 65536, 3)
    length = struct.unpack_from("=I", text)[0] + 4
    while len(text) < length:
        text += connection.recv(65536)
    connection.send(struct.pack("=i", os.getpid()))
    _thread.start_new_thread(end_with, (connection,))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    began, pid, folder, count, *rest = text[4:].decode("utf-8", "surrogateescape").split("\0")[:-1]
    words, environment = rest[:int(count)], rest[int(count):]
    os.environ = dict(each.split("=", 1) for each in environment)
    os.chdir(folder)
    if words[0] == "show-world":
        status = show_world.show(words[1])
    else:
        status = main.main(words[0], words[1:], int(pid), int(began))
    connection.send(bytes([status]))
    os._exit(0)


def end_with(connection):
    """Whoever handed the call over says nothing more: if there is something to read, it has been killed."""
    connection.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # All that is played here ends with this process.
    os.setpgid(0, 0)
    for name in sorted(os.listdir(sys.path[0])):
        if name.endswith(".py"):
            __import__(name[:-3])
    with tempfile.TemporaryDirectory(prefix="nbx-standins-") as folder:
        serve(folder + "/socket")
    os.killpg(0, signal.SIGKILL)
