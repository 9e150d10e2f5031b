"""A PostgreSQL cluster on one machine, with the files of `examples/cluster`: three nodes with etcd and Patroni, HAProxy,
PgBouncer, and three servers of Wares.

Each node has its own network namespace on a bridge, so that it can be cut off. All calls block.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psycopg

from parts import EXAMPLES, PATH, postgres_folder, program

NODES = (1, 2, 3)
SERVERS = (1, 2, 3)
# The bridge: HAProxy, PgBouncer and the driver.
HUB = "10.99.0.1"
ADMIN_EMAIL, PASSWORD = "boss@example.com", "correct horse 9"
SMTP_PORT = 1025
POOLER_PORTS = {"transaction": 6432, "session": 6433}
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def node_address(node):
    return f"10.99.0.1{node}"


def server_address(server):
    return f"10.99.0.2{server}"


def wait_until(what, condition, timeout=60, pause=0.1):
    """Repeats a check until it returns a true value, and returns that."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {timeout} s")
        time.sleep(pause)
    return value


def http(url, method="GET", data=None, timeout=3):
    """Returns the status and the body of a response. 0 if there is none."""
    body = None if data is None else json.dumps(data).encode()
    try:
        with NO_PROXY.open(urllib.request.Request(url, body, method=method), timeout=timeout) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class Cluster:
    def __init__(self, folder, wares):
        self.folder, self.wares = folder, wares
        self.logs = self.make_folder("logs")
        self.processes = {}
        self.environment = {"PATH": f"{postgres_folder()}:{PATH}", "HOME": folder, "LC_ALL": "C.UTF-8", "TMPDIR": folder}
        self.via, self.settings = "haproxy", {}

    def make_folder(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def start(self, name, command, folder=None, environment=None, node=None):
        """Starts a process in the background, in the network of a node if one is given. Its log is `logs/NAME`."""
        if node:
            command = ["nsenter", f"--net=/proc/{self.processes[f'network{node}'].pid}/ns/net", *command]
        with open(os.path.join(self.logs, name), "ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=folder or self.folder, env={**self.environment, **(environment or {})},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def stop(self, *names, number=signal.SIGTERM, timeout=20):
        stopped = [self.processes.pop(name) for name in names if name in self.processes]
        for process in stopped:
            process.send_signal(number)
        for process in stopped:
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def run(self, command, **options):
        """Runs a program until it ends, and returns its output."""
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              **{"env": self.environment, "cwd": self.folder, **options})
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}")
        return done.stdout

    # The network and the nodes.

    def bring_up(self):
        self.create_network()
        for node in NODES:
            self.start_node(node)
        self.wait_until_healthy(120)
        self.start_haproxy()
        for mode in POOLER_PORTS:
            self.start_pooler(mode)

    def create_network(self):
        names = ["127.0.0.1 localhost", f"{HUB} haproxy pgbouncer"]
        names += [f"{node_address(node)} node{node} etcd{node}" for node in NODES]
        names += [f"{server_address(server)} wares{server}" for server in SERVERS]
        hosts = os.path.join(self.folder, "hosts")
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("\n".join(names) + "\n")
        self.run(["mount", "--bind", hosts, "/etc/hosts"])
        self.ip("link set lo up", "link add hub type bridge", f"address add {HUB}/24 dev hub", "link set hub up")
        for server in SERVERS:
            self.ip(f"address add {server_address(server)}/24 dev hub")
        for node in NODES:
            self.start(f"network{node}", ["unshare", "--net", "sleep", "infinity"])
            holder = self.processes[f"network{node}"].pid
            own = os.readlink("/proc/self/ns/net")
            wait_until("a network namespace", lambda pid=holder: os.readlink(f"/proc/{pid}/ns/net") != own)
            # With a fixed address a packet to a node that is cut off is lost, as in a network. Otherwise the system
            # reports an unreachable host.
            mac = f"02:00:00:00:00:0{node}"
            self.ip(f"link add node{node} type veth peer name eth0 address {mac} netns {holder}",
                    f"link set node{node} master hub up",
                    f"neighbor replace {node_address(node)} lladdr {mac} dev hub nud permanent")
            inside = ["nsenter", f"--net=/proc/{holder}/ns/net"]
            self.ip("link set lo up", f"address add {node_address(node)}/24 dev eth0", "link set eth0 up", prefix=inside)

    def ip(self, *commands, prefix=()):
        for command in commands:
            self.run([*prefix, program("ip"), *command.split()])

    def start_node(self, node):
        home, address = self.make_folder(f"node{node}"), node_address(node)
        # Relative paths of patroni.yml are those of the examples.
        for name in ("patroni.yml", "create-database.sh"):
            shutil.copy(os.path.join(EXAMPLES, name), home)
        members = ",".join(f"etcd{other}=http://{node_address(other)}:2380" for other in NODES)
        self.start(f"etcd{node}", [
            program("etcd"), "--name", f"etcd{node}", "--data-dir", "etcd", "--listen-client-urls", "http://0.0.0.0:2379",
            "--advertise-client-urls", f"http://{address}:2379", "--listen-peer-urls", f"http://{address}:2380",
            "--initial-advertise-peer-urls", f"http://{address}:2380", "--initial-cluster", members,
            "--logger", "zap", "--log-level", "warn"], folder=home, node=node)
        self.start(f"patroni{node}", [sys.executable, "-m", "patroni", "patroni.yml"], folder=home, node=node, environment={
            "PATRONI_NAME": f"node{node}",
            "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{address}:8008",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{address}:5432",
            "PATRONI_POSTGRESQL_DATA_DIR": os.path.join(home, "data"),
            "PATRONI_POSTGRESQL_PGPASS": os.path.join(home, "pgpass"),
            "PATRONI_ETCD3_HOSTS": ",".join(f"etcd{other}:2379" for other in NODES),
            "PATRONI_SUPERUSER_USERNAME": "postgres", "PATRONI_SUPERUSER_PASSWORD": "postgres",
            "PATRONI_REPLICATION_USERNAME": "replicator", "PATRONI_REPLICATION_PASSWORD": "replicator",
            "PATRONI_REWIND_USERNAME": "rewinder", "PATRONI_REWIND_PASSWORD": "rewinder",
            "WARES_DATABASE_PASSWORD": "wares"})

    def leader(self):
        """Returns the node whose PostgreSQL is the primary. None if there is none."""
        for node in NODES:
            if http(f"http://node{node}:8008/primary")[0] == 200:
                return node
        return None

    def wait_for_leader(self, timeout=60):
        return wait_until("a primary", self.leader, timeout)

    def replicas(self):
        leader = self.wait_for_leader()
        return [node for node in NODES if node != leader]

    def is_healthy(self):
        leader = self.leader()
        status, body = http(f"http://node{leader}:8008/cluster") if leader else (0, "")
        if status != 200:
            return False
        members = json.loads(body)["members"]
        streaming = [member for member in members if member["state"] == "streaming" and member.get("lag") == 0]
        return len(streaming) == 2 and any(member["role"] == "sync_standby" for member in members)

    def wait_until_healthy(self, timeout=90):
        wait_until("two replicas that stream, one of them synchronously", self.is_healthy, timeout, 0.3)

    def sql(self, statement, parameters=(), node=None, database="wares"):
        """Runs a statement on a node, by default on the primary, and returns the rows if it has any."""
        host = f"node{node}" if node else ",".join(f"node{node}" for node in NODES)
        wanted = "any" if node else "read-write"
        with psycopg.connect(host=host, user="postgres", password="postgres", dbname=database, connect_timeout=3,
                             target_session_attrs=wanted, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def configure(self, settings):
        """Changes Patroni's settings of the cluster."""
        status, body = http(f"http://node{self.wait_for_leader()}:8008/config", "PATCH", settings)
        if status != 200:
            raise RuntimeError(f"PATCH /config: {status} {body}")

    # HAProxy and PgBouncer.

    def start_haproxy(self, cut_connections=True):
        """Starts HAProxy. `cut_connections`: whether it closes connections to a former primary, as the example does."""
        self.stop("haproxy", number=signal.SIGKILL)
        with open(os.path.join(EXAMPLES, "haproxy.cfg"), encoding="utf-8") as file:
            text = file.read()
        # The example has two servers of Wares.
        text = text.rstrip() + "\n  server wares3 wares3:8000 check\n"
        text = text.replace("global\n", f"global\n  stats socket {self.folder}/haproxy.sock level admin\n")
        if not cut_connections:
            rest = text.replace(" on-marked-down shutdown-sessions", "")
            assert rest != text
            text = rest
        path = os.path.join(self.folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.start("haproxy", [program("haproxy"), "-db", "-f", path])
        # Before the first checks all servers count as running.
        wait_until("one primary in HAProxy", lambda: sum(self.sessions("primary", "status").values()) == 1, 30)

    def sessions(self, backend="primary", field="scur"):
        """Returns the number of connections that HAProxy has to each server of a backend."""
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(3)
                control.connect(f"{self.folder}/haproxy.sock")
                control.sendall(b"show stat\n")
                lines = b"".join(iter(lambda: control.recv(65536), b"")).decode().lstrip("# ").splitlines()
        except OSError:
            return {}
        names = lines[0].split(",")
        found = [dict(zip(names, line.split(","))) for line in lines[1:] if line]
        found = [row for row in found if row["pxname"] == backend and row["svname"] not in ("FRONTEND", "BACKEND")]
        value = (lambda text: text.startswith("UP")) if field == "status" else int
        return {row["svname"]: value(row[field]) for row in found}

    def start_pooler(self, mode):
        folder = self.make_folder(f"pgbouncer-{mode}")
        with open(os.path.join(EXAMPLES, "pgbouncer.ini"), encoding="utf-8") as file:
            text = file.read()
        for old, new in (("listen_port = 6432", f"listen_port = {POOLER_PORTS[mode]}"),
                         ("pool_mode = transaction", f"pool_mode = {mode}")):
            assert old in text
            text = text.replace(old, new)
        for name, content in (("pgbouncer.ini", text), ("users.txt", '"wares" "wares"\n')):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(content)
        self.start(f"pgbouncer-{mode}", [program("pgbouncer"), "pgbouncer.ini"], folder=folder)

    def restart_pooler(self, mode):
        self.stop(f"pgbouncer-{mode}")
        self.start_pooler(mode)

    # Wares.

    def database_url(self):
        hosts = {"haproxy": "haproxy:5000", "hosts": ",".join(f"node{node}:5432" for node in NODES),
                 **{mode: f"pgbouncer:{port}" for mode, port in POOLER_PORTS.items()}}
        return f"postgres://wares:wares@{hosts[self.via]}/wares"

    def wares_environment(self, server=None, **settings):
        address = server_address(server) if server else HUB
        variables = {
            **self.environment,
            "WARES_ENV": "production", "DATABASE_URL": self.database_url(),
            "DATABASE_REPLICAS": ",".join(f"postgres://wares:wares@node{node}:5432/wares" for node in NODES),
            "STALE_WHEN_AWAY": "60s", "DATABASE_MAX_CONNECTIONS": "10",
            "JWT_SECRETS": "cluster-secret-0123456789-0123456789-abcdef",
            "SMTP_URL": f"smtp://{HUB}:{SMTP_PORT}", "MAIL_FROM": "shop@example.com",
            "TRUSTED_PROXIES": "10.99.0.0/24", "PUBLIC_URL": "http://haproxy:8080", "LIMIT_LOGIN_ACCOUNT": "100000/1d",
            "WARES_DATA_DIR": self.make_folder("wares"), "WARES_LISTEN": f"{address}:8000",
            "OPERATOR_LISTEN": f"{address}:9000", **self.settings, **settings}
        return {name: value for name, value in variables.items() if value}

    def start_wares(self, via, wares=None):
        """Starts all servers anew."""
        self.via = via
        self.stop(*(f"wares{server}" for server in SERVERS))
        for server in SERVERS:
            self.start_server(server, wares, wait=False)
        for server in SERVERS:
            self.wait_until_ready(server)
        wait_until("HAProxy and the servers", lambda: all(self.sessions("shop", "status").values()))

    def start_server(self, server, wares=None, wait=True, **settings):
        environment = self.wares_environment(server, **settings)
        self.start(f"wares{server}", [wares or self.wares, "serve"], environment=environment)
        if wait:
            self.wait_until_ready(server)

    def wait_until_ready(self, server):
        wait_until(f"wares{server}", lambda: http(f"http://wares{server}:8000/health/ready")[0] == 200)

    def command(self, *arguments, wares=None, **options):
        """Runs a command of Wares and returns its output."""
        return self.run([wares or self.wares, *arguments], env=self.wares_environment(), **options)

    def create_shop(self, wares=None):
        """Creates the tables and the admin in an empty database."""
        self.command("migrate", "up", wares=wares)
        self.command("admin", "create", "--email", ADMIN_EMAIL, wares=wares, input=PASSWORD + "\n")

    # Faults.

    def node_processes(self, node, name=""):
        """Returns the ids of the processes of a node whose command line contains `name`."""
        holder = self.processes[f"network{node}"].pid
        network, found = os.readlink(f"/proc/{holder}/ns/net"), []
        for pid in (int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                    is_wanted = name in file.read()
                if pid != holder and is_wanted and os.readlink(f"/proc/{pid}/ns/net") == network:
                    found.append(pid)
            except OSError:
                continue
        return found

    def signal_node(self, node, number, name=""):
        for pid in self.node_processes(node, name):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def switch_over(self):
        leader = self.wait_for_leader()
        status, body = http(f"http://node{leader}:8008/switchover", "POST", {"leader": f"node{leader}"}, timeout=60)
        if status != 200:
            raise RuntimeError(f"switchover: {status} {body}")
        return f"node{leader}", body.strip()

    def kill_node(self, node):
        """Kills all processes of a node. Its system still answers that nothing listens."""
        self.signal_node(node, signal.SIGKILL)
        self.stop(f"etcd{node}", f"patroni{node}", number=signal.SIGKILL)

    def freeze_node(self, node):
        self.signal_node(node, signal.SIGSTOP)

    def thaw_node(self, node):
        self.signal_node(node, signal.SIGCONT)

    def cut_node(self, node):
        """Cuts a node off: all packets from and to it are lost."""
        self.ip(f"link set node{node} down")

    def join_node(self, node):
        self.ip(f"link set node{node} up")

    def freeze_receivers(self):
        """Replicas receive no changes any more. Returns their number."""
        return [self.signal_node(node, signal.SIGSTOP, "walreceiver") for node in self.replicas()]

    def thaw_receivers(self):
        for node in NODES:
            self.signal_node(node, signal.SIGCONT, "walreceiver")

    def heal(self):
        """Ends all faults."""
        for node in NODES:
            self.thaw_node(node)
            self.join_node(node)
            if f"patroni{node}" not in self.processes:
                self.start_node(node)
        self.wait_until_healthy()
