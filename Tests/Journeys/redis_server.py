"""A redis-server of a test's own."""

import pathlib

import redis

from brokers import free_port
from processes import Running
from tiffin import eventually


class RedisServer(Running):
    name = "redis-server"

    def __init__(self, folder: pathlib.Path, *arguments):
        self.folder, self.arguments, self.port, self.log = folder, arguments, free_port(), folder / "redis.log"

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.spawn(["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "", *self.arguments])
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
