"""The real binary as a process: started, asked, stopped, killed."""

import subprocess
import time

import beside
import databases
from processes import Serving

#: What journeys change of the settings: limits that a test machine would meet at once, or that many journeys together would.
SETTINGS = {
    "web.rateLimits": "false",
    "payments.holdGraceMinutes": "1",
    "payments.reconcileSeconds": "1",
    "gateway.publicCity": "true",
    # All journeys together take longer than a token of 15 minutes lives, and share their people.
    "identity.accessTokenMinutes": "120",
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


class Server(Serving):
    def __init__(self, binary, database, **settings):
        self.binary, self.database = str(binary), database
        self.settings = {**SETTINGS, **{k.replace("__", "."): str(v) for k, v in settings.items()}}
        self.log = database.with_suffix(".log")

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
        self.serve(self.binary, self.arguments(**more))
        return self.wait(deadline) if wait else self
