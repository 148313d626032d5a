"""Plays all calls of the stand-ins in processes that have read all their code already.

Started anew for each call, Python alone would take most of the time. `player.py` prints the path of its socket, at which
`Client/stand_in.c` hands calls over. With its standard input it ends, and with it all that it still plays and the
folder of the socket, in which worlds may be kept.
"""

import _thread
import gc
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import main
import show_world
from recording import SIGNALS, set_mask

BUSY, IDLE = b"-", b"+"


def serve(path):
    """Keeps one process more than there are calls under way; one that has been killed is simply not there any more."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1024)
    # Nobody waits for what is played here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # What forked processes share stays shared only as long as nobody writes to it.
    gc.freeze()
    print(path, flush=True)
    news, tell = os.pipe()
    idle = 0
    while True:
        if not idle:
            if os.fork() == 0:
                try:
                    take_calls(listener, tell)
                finally:
                    os._exit(70)
            idle += 1
        idle += sum(1 if each == IDLE[0] else -1 for each in os.read(news, 1024))


def take_calls(listener, tell):
    nothing = os.open("/dev/null", os.O_RDWR)
    while True:
        connection, _ = listener.accept()
        os.write(tell, BUSY)
        play(connection, nothing)
        connection.close()
        os.write(tell, IDLE)


def play(connection, nothing):
    """Plays one call, as if this were the process of whoever hands it over."""
    text, streams, _, _ = socket.recv_fds(connection, 65536, 3)
    length = struct.unpack_from("=I", text)[0] + 4
    while len(text) < length:
        text += connection.recv(65536)
    call = Watched(connection)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w", closefd=False), open(2, "w", closefd=False)
    began, pid, folder, count, *rest = text[4:].decode("utf-8", "surrogateescape").split("\0")[:-1]
    words, environment = rest[:int(count)], rest[int(count):]
    os.environ = dict(each.split("=", 1) for each in environment)
    os.chdir(folder)
    if words[0] == "show-world":
        status = show_world.show(words[1])
    else:
        status = main.main(words[0], words[1:], int(pid), int(began))
    # What could not be written to a stream that nobody reads any more is not to get into the next one.
    for number in range(3):
        os.dup2(nothing, number)
    sys.stdin = sys.stdout = sys.stderr = None
    call.end(status)


class Watched:
    """A call whose client says nothing more: when the client is gone before the call has ended, it has been killed."""

    def __init__(self, connection):
        self.connection, self.ended, self.gone = connection, False, _thread.allocate_lock()
        self.gone.acquire()
        connection.send(struct.pack("=i", os.getpid()))
        _thread.start_new_thread(self.watch, ())

    def watch(self):
        self.connection.recv(1)
        if not self.ended:
            os.kill(os.getpid(), signal.SIGKILL)
        self.gone.release()

    def end(self, status):
        """Once the client is gone, no signal can come that was meant for this call."""
        self.ended = True
        self.connection.send(bytes([status]))
        self.gone.acquire()
        set_mask(signal.SIG_BLOCK, SIGNALS)


if __name__ == "__main__":
    for name in sorted(os.listdir(sys.path[0])):
        if name.endswith(".py"):
            __import__(name[:-3])
    # What the terminal says is not meant for this.
    set_mask(signal.SIG_BLOCK, SIGNALS)
    # In memory where that can be had: each call writes, and nbx has its journal brought to the disk.
    folder = tempfile.mkdtemp(prefix="nbx-standins-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    server = os.fork()
    if server == 0:
        os.setpgid(0, 0)
        serve(folder + "/socket")
    sys.stdin.read()
    os.killpg(server, signal.SIGKILL)
    os.waitpid(server, 0)
    shutil.rmtree(folder, ignore_errors=True)
