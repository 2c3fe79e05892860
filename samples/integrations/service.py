"""A web service with several processes: one writes the index, the others ask it.

    python samples/integrations/service.py 8000 news.index

POST an article as JSON to /query or /add; GET /metrics. Each worker opens the index for reading
after the fork, so that nothing is shared. What is to be added goes to the one process that writes,
and the answer comes when it is on disk. With gunicorn do the same: open in `post_fork`, not in the
module, and keep the writer a process of its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Client, Listener
from typing import Any

from dedup import Found, Index, InputError

WORKERS = 2


def write(listener: Listener, folder: str) -> None:
    """Add what the workers send, one article after the other."""
    with Index(folder) as index:
        while True:
            with listener.accept() as worker:
                try:
                    asked = worker.recv()
                    worker.send(index.metrics() if asked is None else index.add(asked))
                except (InputError, EOFError) as error:
                    worker.send(str(error))


def handler(writer: Any, folder: str) -> type[BaseHTTPRequestHandler]:
    """Return what answers requests in one worker."""
    index = Index(folder, read_only=True)

    def ask_writer(article: Any) -> Any:
        with Client(writer) as connection:
            connection.send(article)
            return connection.recv()

    class Worker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200, ask_writer(None))

        def do_POST(self) -> None:
            article = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = index.query(article) if self.path == "/query" else ask_writer(article)
            if isinstance(found, Found):
                told = {"new": found.is_new, "story": found.story, "closest": found.closest}
                self.reply(200, json.dumps(told))
            else:
                self.reply(400, found)

        def reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None: ...

    return Worker


def main(port: str, folder: str) -> None:
    """Serve until it is told to end."""
    Index(folder).close()  # so that it is there
    listener = Listener()
    with HTTPServer(("127.0.0.1", int(port)), BaseHTTPRequestHandler) as server:
        children = []
        for _ in range(WORKERS):
            child = os.fork()
            if not child:
                server.RequestHandlerClass = handler(listener.address, folder)
                server.serve_forever()
            children.append(child)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        sys.stdout.write(f"ready {server.server_port}\n")
        sys.stdout.flush()
        try:
            write(listener, folder)
        finally:
            for child in children:
                os.kill(child, signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
