"""Many processes as one installation: started on free ports, stopped by id, killed and brought back one by one."""

import json
import subprocess
import urllib.request

from brokers import free_port
from processes import Serving
from tiffin import ADMIN, SETTINGS

SECRET = "a-secret-of-the-journeys-0123456789"
#: Who runs in which process: the services that call each other most get neighbours of their own.
APART = {
    "gateway-1": "gateway", "gateway-2": "gateway", "ordering-1": "ordering", "ordering-2": "ordering", "identity": "identity",
    "catalog": "catalog,pricing", "payments": "payments", "delivery": "delivery", "notifications": "notifications",
}


class Node(Serving):
    """One process of an installation, which keeps its port when it comes back."""

    def __init__(self, cluster, name, services, **settings):
        self.cluster, self.name, self.services, self.settings = cluster, name, services, settings
        self.port = free_port()
        self.operations_port = self.port if "gateway" not in services.split(",") else free_port()
        self.log = cluster.folder / f"{name}.log"

    def arguments(self):
        settings = {
            "cluster.secret": SECRET, "cluster.port": self.operations_port, "web.port": self.port, **self.cluster.settings_for(self),
            **self.settings}
        return ["--services", self.services, *(x for k, v in settings.items() for x in ("--set", f"{k}={v}"))]

    def start(self, wait=True):
        assert not self.is_running(), f"{self.name} runs already"
        self.serve(self.cluster.binary, self.arguments())
        return self.wait() if wait else self

    def wait(self, seconds=60.0):
        return super().wait(seconds)

    def health(self):
        """What it tells probes on its port for operations; nil when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.operations_port}/health", timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None


class Cluster:
    """The processes of an installation, each service on the engines that the journey chose.

    - Parameter settings: for every process; values may hold `{name}`, the name of the process.
    """

    def __init__(self, binary, folder, plan=APART, **settings):
        self.binary, self.folder = str(binary), folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = {**SETTINGS, **{k.replace("__", "."): str(v) for k, v in settings.items()}}
        self.nodes = {name: Node(self, name, services) for name, services in plan.items()}

    def settings_for(self, node):
        return {k: v.replace("{name}", node.name) for k, v in self.settings.items()}

    def __getitem__(self, name):
        return self.nodes[name]

    def of(self, service):
        return [node for node in self.nodes.values() if service in node.services.split(",")]

    def make_admin(self, *arguments):
        """Opens the administrator's account in the database of Identity, as an operator does."""
        node = self.of("identity")[0]
        settings = {k: v for k, v in self.settings_for(node).items() if k.startswith(("database.", "cluster.registry"))}
        run = subprocess.run(
            [self.binary, "admin", "create", "--email", ADMIN[0], *(x for k, v in settings.items() for x in ("--set", f"{k}={v}")),
             "--set", f"cluster.services={node.services}", "--set", f"cluster.secret={SECRET}", *arguments],
            input=ADMIN[1] + "\n", capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stdout + run.stderr

    def start(self):
        for node in self.nodes.values():
            node.start(wait=False)
        for node in self.nodes.values():
            node.wait()
        return self

    def stop(self):
        # Gateways first: what they ask of the others is finished then.
        for node in [*self.of("gateway"), *(n for n in self.nodes.values() if "gateway" not in n.services)]:
            node.stop()

    def kill(self):
        for node in self.nodes.values():
            node.kill()
