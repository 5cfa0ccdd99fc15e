"""A redis-server of a test's own."""

import pathlib
import signal
import socket
import subprocess

import redis

from tiffin import eventually


class RedisServer:
    def __init__(self, folder: pathlib.Path, *arguments):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder, self.arguments, self.process = folder, arguments, None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "", *self.arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        eventually(self.answers, f"redis-server on {self.port}")
        return self

    def answers(self):
        try:
            return self.look().ping()
        except redis.exceptions.ConnectionError:
            return False

    def look(self):
        """An eye from outside, of another maker."""
        return redis.Redis(port=self.port, decode_responses=True, socket_timeout=5)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
