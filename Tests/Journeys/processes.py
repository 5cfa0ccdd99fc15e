"""Processes of the journeys: each in a session of its own, with a log and a port; ended by id, with what it started, and nothing else is."""

import json
import os
import signal
import subprocess
import threading
import time


class Running:
    """A process that can be asked to end, killed, and read."""

    #: How it is called where something went wrong.
    name = "the server"
    process = None
    port = None
    log = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    def spawn(self, command, **more):
        """Starts it; what it says goes to the end of its log."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                list(map(str, command)), **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "start_new_session": True, **more})

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def _signal(self, number):
        if self.is_running():
            os.killpg(self.process.pid, number)

    def stop(self, seconds=30.0):
        """Asks it to end and waits; its exit code, None when it was never started."""
        self._signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds) if self.process else None
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds:.0f} s of SIGTERM; its log:\n{self.tail()}") from None

    def kill(self):
        """Ends it as a power cut would."""
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def tail(self, characters=3000):
        try:
            return self.log.read_text(errors="replace")[-characters:]
        except FileNotFoundError:
            return ""

    def has_logged(self, text):
        return text in self.log.read_text(errors="replace")


class Serving(Running):
    """`tiffin serve`, which says in its log when it takes requests, and on which port."""

    started_in = None

    def serve(self, binary, arguments):
        self.listening, self.begun = threading.Event(), time.monotonic()
        self.spawn([binary, "serve", *arguments], stdout=subprocess.PIPE)
        threading.Thread(target=self._read, args=(self.process.stdout, self.listening), daemon=True).start()

    def _read(self, lines, listening):
        with open(self.log, "ab") as log:
            for line in lines:
                log.write(line)
                log.flush()
                if line.startswith(b'{"event":"listening"'):
                    self.port, self.started_in = json.loads(line)["port"], time.monotonic() - self.begun
                    listening.set()

    def wait(self, seconds):
        """Until it takes requests."""
        end = time.monotonic() + seconds
        while not self.listening.wait(0.02):
            if not self.is_running() or time.monotonic() > end:
                self.kill()
                raise AssertionError(f"{self.name} did not listen within {seconds:.0f} s; its log:\n{self.tail()}")
        return self
