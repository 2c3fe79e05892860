"""A redis-server of their own for tests: on loopback, on a free port, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()  # ports come again: others' notes mean nothing

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


class RedisServer:
    """Runs until `kill`; `options` are those of the command line."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = shutil.which("redis-server")
        if command is None:
            pytest.skip("redis-server is not installed")
        pytest.importorskip("redis")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        bind = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder))
        self._command = [command, *bind, "--save", "", "--loglevel", "warning", *options]
        self.start()

    def start(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        from redis import Redis
        from redis.exceptions import RedisError

        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with Redis.from_url(self.url) as client:
            until = time.monotonic() + 20
            while True:
                try:
                    client.ping()
                except RedisError:
                    assert self._process.poll() is None, "redis-server has ended"
                    assert time.monotonic() < until, "redis-server does not answer"
                    time.sleep(0.02)
                else:
                    return

    def kill(self) -> None:
        """End it as a crash does (kill -9), which is also how tests are done with it."""
        self._process.kill()
        self._process.wait()
