"""The programs and libraries that the cluster consists of."""

import functools
import glob
import importlib.util
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLES = os.path.join(ROOT, "examples/cluster")

# Each with the Debian package that has it.
PROGRAMS = {"etcd": "etcd-server", "haproxy": "haproxy", "pgbouncer": "pgbouncer", "ip": "iproute2", "unshare": "util-linux",
            "nsenter": "util-linux"}
POSTGRES_PROGRAMS = ["initdb", "postgres", "pg_ctl", "pg_controldata", "pg_rewind", "pg_basebackup", "pg_isready", "psql"]
LIBRARIES = ["patroni", "psycopg", "aiohttp"]
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


@functools.cache
def postgres_folder():
    """Returns the folder of PostgreSQL's programs, or None. `tests/postgres.sh` fetches a copy if there are none."""
    chosen = os.environ.get("WARES_TEST_POSTGRES_BIN")
    installed = [chosen] if chosen else glob.glob("/usr/lib/postgresql/*/bin")
    whole = [folder for folder in installed if has_all_programs(folder)]
    if whole:
        return max(whole, key=lambda folder: float(folder.split("/")[-2]) if not chosen else 0)
    found = subprocess.run([os.path.join(ROOT, "tests/postgres.sh")], stdout=subprocess.PIPE, text=True, check=False)
    folder = found.stdout.strip().split("\n")[-1]
    return folder if found.returncode == 0 and has_all_programs(folder) else None


def has_all_programs(folder):
    return all(os.access(os.path.join(folder, name), os.X_OK) for name in POSTGRES_PROGRAMS)


def program(name):
    """Returns the path of a program."""
    return shutil.which(name, path=PATH)


def require():
    """Exits with the names of all parts that are missing."""
    missing = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if not program(name)]
    if not postgres_folder():
        missing.append("PostgreSQL with its client programs (Debian: postgresql)")
    absent = [name for name in LIBRARIES if not importlib.util.find_spec(name)]
    if absent:
        missing.append(f"Python's {', '.join(absent)} ({sys.executable} -m pip install -r tests/cluster/requirements.txt)")
    if not missing:
        # As `run` does it.
        attempt = subprocess.run(["unshare", "--user", "--map-user=65534", "--keep-caps", "--net", "--pid", "--mount-proc",
                                  "--fork", "ip", "link", "add", "test", "type", "bridge"],
                                 capture_output=True, text=True, env={"PATH": PATH}, check=False)
        if attempt.returncode != 0:
            missing.append(f"the permission to create namespaces (as root there is one): {attempt.stderr.strip()}")
    if missing:
        sys.exit("The cluster can't be started. Missing: " + "; ".join(missing) + ".")
