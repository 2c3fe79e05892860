"""The Redis server of an index: asking it, taking turns at it, and what it may lose."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from dedup.errors import DamagedError, LockedError, OutputError, Problem, SettingsError
from dedup.storage.redis import buckets, scripts

LEASE = 8.0
"""Seconds after which others may write when a writer has died, or the server in the middle of a
write. Higher bears with writers that stand still for longer; at 8 whoever comes next and waits the
ten seconds of the default gets in."""

_PATIENCE = 120  # seconds in which the server must answer
_STEP = 0.005  # seconds between two tries
_PATIENT = 2000  # milliseconds after which one who waits and does not ask again waits no more
_LOOK = 0.2  # seconds between two looks at how the server is configured
_DURABLE = "appendonly yes, appendfsync always, maxmemory-policy noeviction"


class Server:
    """A server at a URL as `redis.Redis.from_url` takes it, with `prefix=...` for all keys.

    `wait` is how many seconds it may be busy, or others may write, before that is an error. Raises
    `SettingsError` for a URL that is none, or without redis-py.
    """

    def __init__(self, url: str, wait: float) -> None:
        self._base, prefix, self.where = _connected(url)
        self._prefix = f"{prefix}:".encode()
        self._wait = wait
        self._scripts: dict[str, Any] = {}
        self._closed = False
        self._looked = -_LOOK

    def close(self) -> None:
        """Let go of the connections; closing twice does no harm."""
        self._closed = True
        self._base.close()

    def ask(self, command: str, name: str, *values: Any) -> Any:
        """Send a command about the key `name`; return the answer."""
        return self._asked(lambda: self._base.execute_command(command, self._key(name), *values))

    def run(self, script: str, *values: Any) -> Any:
        """Run a script, which the server is given where it does not know it."""
        if script not in self._scripts:
            self._scripts[script] = self._base.register_script(script)
        known = self._scripts[script]
        return self._asked(lambda: known(keys=[self._prefix], args=values))

    def repeat(self, script: str) -> None:
        """Run a script until it returns 0."""
        while self.run(script):
            pass

    def damaged(self, what: str) -> DamagedError:
        """Return the error that says what is wrong with the data, and what to do."""
        return DamagedError(
            f"{self.where}: {what}; put back a copy of the server's data, or build the index again"
        )

    def _key(self, name: str) -> bytes:
        return self._prefix + name.encode("utf-8", "surrogatepass")

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Ask again while the server loads, or runs a script for long; raise for all else."""
        from redis.exceptions import BusyLoadingError, RedisError, ResponseError

        if self._closed:
            raise ValueError(f"{self.where}: this index was closed")
        until = time.monotonic() + self._wait
        while True:
            try:
                return ask()
            except RedisError as error:
                busy = isinstance(error, ResponseError) and str(error).startswith("BUSY")
                if (busy or isinstance(error, BusyLoadingError)) and time.monotonic() < until:
                    time.sleep(_STEP)
                    continue
                raise OutputError(f"{self.where}: {error}; {_remedy(error)}") from error

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a lock while the block lasts, as far as this process goes on and the server too.

        Who waits longest is next: a writer that asks again and again does not keep others out.
        """
        from redis.exceptions import RedisError

        lock = self._base.lock(self._key("lock"), timeout=LEASE, thread_local=False)
        lock.local.token = token = uuid4().hex.encode()
        until = time.monotonic() + self._wait
        asked = token, int(1000 * LEASE), _PATIENT
        while not (mine := self.run(scripts.TURN, *asked)) and time.monotonic() < until:
            time.sleep(_STEP)
        if not mine:
            self.ask("DEL", f"w{token.decode()}")
            raise LockedError(
                f"{self.where}: other processes write this index and did not let this one in "
                f"within {self._wait:g} seconds; wait longer (--wait), or end them"
            )
        done = Event()

        def renew() -> None:
            while not done.wait(LEASE / 3):
                with suppress(RedisError):  # `append` says so to whoever lost the lock
                    lock.reacquire()

        keeper = Thread(target=renew, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()
            with suppress(RedisError):
                lock.release()

    def keeps(self) -> None:
        """Raise `OutputError` where the server throws keys away: answers would miss what they held.

        It is asked again `_LOOK` seconds after all was well.
        """
        if time.monotonic() < self._looked + _LOOK:
            return
        now = time.monotonic()
        held = self._asked(lambda: self._base.info("memory"))
        policy = str(held.get("maxmemory_policy", ""))
        if held.get("maxmemory") and policy.startswith("allkeys"):
            raise OutputError(
                f"{self.where}: the server throws away parts of the index when its memory is full "
                f"(maxmemory-policy {policy}); configure it with {_DURABLE}, and let `dedup index "
                "check` tell whether all is there"
            )
        self._looked = now

    def memory(self) -> int:
        """Return the bytes of memory that the whole server takes."""
        return int(self._asked(lambda: self._base.info("memory"))["used_memory"])

    def buckets(self) -> npt.NDArray[np.int64]:
        """Return the numbers of all buckets that there are."""
        there = np.zeros(buckets.BUCKETS, bool)
        for found in self._scanned(b"p" + b"?" * buckets.NAME):
            there[[buckets.number(key[-buckets.NAME :]) for key in found]] = True
        return np.flatnonzero(there)

    def keys(self, kind: str) -> set[bytes]:
        """Return what follows `kind` in the names of the keys that begin with it."""
        start = len(self._prefix) + len(kind)
        return {key[start:] for found in self._scanned(kind.encode() + b"*") for key in found}

    def erase(self) -> None:
        """Delete all keys."""
        for found in self._scanned(b"*"):
            if found:
                self._asked(lambda found=found: self._base.unlink(*found))  # type: ignore[misc]

    def _scanned(self, pattern: bytes) -> Iterator[list[bytes]]:
        """Yield the keys that the prefix and a pattern match, in lots, some perhaps twice."""
        match = re.sub(rb"([\\*?\[\]])", rb"\\\1", self._prefix) + pattern
        cursor = -1
        while cursor:
            at = max(cursor, 0)
            cursor, found = self._asked(
                lambda at=at: self._base.scan(at, match=match, count=10_000)  # type: ignore[misc]
            )
            yield found

    def doubts(self) -> Iterator[Problem]:
        """Return how what was added may be lost."""
        found = []
        try:
            held = self._asked(lambda: self._base.config_get("append*", "maxmemory*"))
        except OutputError:
            found.append("the server does not tell whether what is added can be lost")
        else:
            if held["appendonly"] != "yes":
                found.append("what is added after a snapshot is lost if the server is killed")
            elif held["appendfsync"] != "always":
                found.append("what was added in the last seconds is lost if the machine fails")
            if held["maxmemory"] != "0" and held["maxmemory-policy"].startswith("allkeys"):
                found.append("the server throws away parts of the index when its memory is full")
            if thrown := self._asked(lambda: self._base.info("stats")).get("evicted_keys"):
                found.append(f"the server has thrown away {thrown:,} keys since it was started")
        for what in found:
            yield Problem(self.where, what, f"configure it with {_DURABLE}", skipped=False)


def _connected(url: str) -> tuple[Any, str, str]:
    """Return a client for a URL, the prefix of its keys, and the URL without a password."""
    try:
        import redis
    except ImportError as error:
        raise SettingsError(
            f"an index in Redis needs redis-py; type: pip install 'news-dedup[redis]' ({error})"
        ) from None
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    prefix = options.pop("prefix", "dedup")
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    place = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    shown = f"{scheme}://{place}?prefix={prefix}"
    address = f"{scheme}://{parts.netloc}{parts.path}?{urlencode(options)}"
    try:
        if scheme == "redis+sentinel":
            base = _watched(parts, options)
        else:
            base = redis.Redis.from_url(address, socket_timeout=_PATIENCE)
        base.connection_pool.make_connection()  # connects nowhere, but knows its options
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{shown}: {error}") from error
    return base, prefix, shown


_SCHEMES = {"valkey": "redis", "valkeys": "rediss"}
"""Schemes of servers that speak the same protocol; `urlsplit` has made small letters of them."""


def _watched(parts: SplitResult, options: Mapping[str, str]) -> Any:
    """Return a client for the server that sentinels name: `HOST:PORT,HOST:PORT/SERVICE/NUMBER`.

    Raises `ValueError` for an address without a service.
    """
    from redis.sentinel import Sentinel

    service, _, number = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service is named; write redis+sentinel://HOST:26379/SERVICE/0")
    user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    who = {"username": unquote(user) or None, "password": unquote(password) if colon else None}
    hosts = []
    for one in parts.netloc.rpartition("@")[2].split(","):
        host, _, port = one.rpartition(":") if one.rpartition(":")[2].isdigit() else (one, "", "")
        hosts.append((host, int(port or 26379)))
    # redis-py has no types for these
    sentinel = Sentinel(hosts, socket_timeout=5)  # type: ignore[no-untyped-call]
    more: dict[str, Any] = {**who, **options, "db": int(number or 0)}
    more["socket_timeout"] = _PATIENCE
    return sentinel.master_for(service, **more)  # type: ignore[no-untyped-call]


def _remedy(error: Exception) -> str:
    """Return what to do about what a server, or the way to it, answers."""
    from redis import exceptions as known

    if isinstance(error, known.NoPermissionError):
        return (
            "let an ACL give this user what an index does: ACL SETUSER NAME ~PREFIX:* +@all -@admin"
            " +info, PREFIX as in the address"
        )
    if isinstance(error, known.AuthenticationError) or "NOAUTH" in str(error):
        return "give user and password in the address: redis://USER:PASSWORD@HOST:PORT/NUMBER"
    if isinstance(error, known.ReadOnlyError):
        return "it is a replica; name the server that it follows, or sentinels (redis+sentinel://)"
    if isinstance(error, known.ConnectionError | known.TimeoutError):
        return "look whether the server runs, and at host and port"
    return "look whether the server runs, and for space in its memory and on its disk"
