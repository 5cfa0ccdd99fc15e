"""The real binary as a process: started, asked, stopped, killed."""

import json
import os
import queue
import signal
import subprocess
import threading
import time

import beside
import databases

#: What journeys change of the settings: limits that a test machine would meet at once.
SETTINGS = {
    "web.rateLimits": "false",
    "payments.holdGraceMinutes": "1",
    "payments.reconcileSeconds": "1",
    "gateway.publicCity": "true",
}
ADMIN = ("admin@journeys.example", "Journeys-admin-9")


def eventually(check, what, seconds=30.0, pause=0.05):
    """The first true answer of `check`; fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {what}; last answer: {answer!r}")
        time.sleep(pause)


class Server:
    def __init__(self, binary, database, **settings):
        self.binary, self.database = str(binary), database
        self.settings = {**SETTINGS, **{k.replace("__", "."): str(v) for k, v in settings.items()}}
        self.process = None
        self.port = None
        self.started_in = None
        self.log = database.with_suffix(".log")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    def arguments(self, **more):
        settings = {**beside.settings(self.database), **self.settings, "web.port": "0", **more}
        return ["--database", databases.target(self.database), *(x for k, v in settings.items() for x in ("--set", f"{k}={v}"))]

    def make_admin(self):
        """Opens the administrator's account, as an operator does: by the command line."""
        email, password = ADMIN
        run = subprocess.run(
            [self.binary, "admin", "create", "--email", email, "--database", databases.target(self.database)],
            input=password + "\n", capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stdout + run.stderr

    def start(self, deadline=60.0 if beside.BUS else 30.0, wait=True, **more):
        if not databases.exists(self.database):
            self.make_admin()
        started = time.monotonic()
        log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve", *self.arguments(**more)], stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True)
        lines = queue.Queue()

        def read(stream):
            for line in stream:
                log.write(line)
                log.flush()
                lines.put(line)
            lines.put(None)
            log.close()

        threading.Thread(target=read, args=(self.process.stdout,), daemon=True).start()
        while wait:
            try:
                line = lines.get(timeout=max(0.01, started + deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self.kill()
                raise AssertionError(f"the server did not listen within {deadline:.0f} s; its log:\n{self.tail()}")
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and event.get("event") == "listening":
                self.port = event["port"]
                break
        self.started_in = time.monotonic() - started
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=15.0):
        """Asks the server to end and waits for it.

        Returns: its exit code and how long it took.
        """
        if not self.is_running():
            return self.process.returncode if self.process else None, 0.0
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not end within {seconds:.0f} s of SIGTERM; its log:\n{self.tail()}") from None
        return code, time.monotonic() - started

    def kill(self):
        if self.is_running():
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tail(self, characters=3000):
        try:
            return self.log.read_text(errors="replace")[-characters:]
        except FileNotFoundError:
            return ""

    def has_logged(self, text):
        return text in self.log.read_text(errors="replace")
