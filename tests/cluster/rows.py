"""The rows of the table: a fault each, what is measured, and what must hold."""

import asyncio
import dataclasses
import signal
import sys
import time
import traceback

import aiohttp

import throughput
from api import Api
from cluster import HUB, SMTP_PORT, Cluster, http
from figures import (EARLY_WRITES, READ_GAP, READS, SIGNED_IN_READS, WRITE_GAP, WRITES, Result, add_database, add_load, bar_failures,
                     bar_gap, bar_stale, failures, table)
from load import Load, Shop
from mail import Mailbox

# The fault begins then.
FAULT_AT = 5
ROWS = {}


@dataclasses.dataclass
class Bench:
    """What a row works with."""

    cluster: Cluster
    api: Api
    mailbox: Mailbox
    shop: Shop
    via: str
    old: str
    # The factor of the rates of the load.
    load: float

    async def start(self, via=None, **options):
        """Starts HAProxy and the servers with the usual settings, on a cluster that is well."""
        await call(self.cluster.heal)
        await call(self.cluster.start_haproxy, **options)
        await call(self.cluster.start_wares, via or self.via)

    async def under_load(self, result, seconds, *faults, **options):
        """Runs a load and these faults, (second, function) each. Adds its figures to the result."""
        load = Load(self.api, self.shop, self.mailbox, factor=self.load, **options)
        await load.prepare()

        async def cause(at, fault):
            await asyncio.sleep(at)
            await fault(load)

        await asyncio.gather(load.run(seconds), *(cause(at, fault) for at, fault in faults))
        await call(self.cluster.heal)
        add_load(result, load)
        await add_database(result, load, self.cluster)
        bar_stale(result, load)
        return load


async def call(function, *arguments, **options):
    return await asyncio.to_thread(function, *arguments, **options)


def fault(function, *arguments):
    """Returns a fault that calls a function."""
    async def cause(_load):
        await call(function, *arguments)
    return cause


def row(name, essential=False):
    """Declares a row. The first line of its documentation describes it."""
    def declare(function):
        ROWS[name] = (function, essential)
        return function
    return declare


@row("switchover-uncut", essential=True)
async def switchover_uncut(bench, result):
    """Switchover, and nothing closes the connections to the former primary."""
    cluster = bench.cluster
    await bench.start("haproxy", cut_connections=False)
    leader, moved = await call(cluster.wait_for_leader), {}

    async def switch(_load):
        await call(cluster.switch_over)
        begun = moved["begun"] = time.monotonic()
        while time.monotonic() < begun + 12:
            sessions = await call(cluster.sessions)
            moved["left"] = sessions.get(f"node{leader}", 0)
            if not moved["left"] and any(sessions.values()):
                moved["after"] = time.monotonic() - begun
                break
            await asyncio.sleep(0.1)

    load = await bench.under_load(result, FAULT_AT + 13, (FAULT_AT, switch))
    after = moved.get("after", float("inf"))
    result.set("connections moved after, s", after)
    result.bar("all connections are on the new primary within 5 s", after <= 5 * result.slack, f"{moved.get('left')} left")
    bar_failures(result, load, READS + SIGNED_IN_READS + WRITES, "nothing fails later than 5 s after", moved["begun"] + 5)


@row("switchover", essential=True)
async def switchover(bench, result):
    """Switchover with HAProxy as in the example."""
    await bench.start()
    load = await bench.under_load(result, FAULT_AT + 10, (FAULT_AT, fault(bench.cluster.switch_over)))
    bar_failures(result, load, READS + SIGNED_IN_READS + WRITES, "nothing fails")
    bar_gap(result, WRITE_GAP, 5)
    bar_gap(result, READ_GAP, 1)


async def lose_primary(bench, result, lose, regain, seconds):
    await bench.start()
    leader = await call(bench.cluster.wait_for_leader)
    faults = [(FAULT_AT, fault(lose, leader))]
    if regain:
        faults.append((seconds - 8, fault(regain, leader)))
    load = await bench.under_load(result, seconds, *faults)
    bar_gap(result, READ_GAP, 1)
    bar_failures(result, load, READS, "no catalog read fails")
    early = result.figures[EARLY_WRITES]
    result.bar("writes fail only after their deadline", not early, early)
    gap, at = result.figures[WRITE_GAP]
    result.bar("writes are possible again", at + gap < seconds - 1, f"{gap} at {at}")


@row("kill", essential=True)
async def kill(bench, result):
    """The processes of the primary's machine are killed."""
    await lose_primary(bench, result, bench.cluster.kill_node, None, FAULT_AT + 36)


@row("cut")
async def cut(bench, result):
    """The primary's machine is cut off from the network, and later joins again."""
    await lose_primary(bench, result, bench.cluster.cut_node, bench.cluster.join_node, FAULT_AT + 65)


@row("frozen")
async def frozen(bench, result):
    """The processes of the primary's machine are stopped, and later go on."""
    await lose_primary(bench, result, bench.cluster.freeze_node, bench.cluster.thaw_node, FAULT_AT + 65)


@row("stall")
async def stall(bench, result):
    """The replicas receive nothing for 20 s, so that commits wait."""
    cluster, begin, seconds = bench.cluster, 10, 20
    await bench.start()
    load = await bench.under_load(result, begin + seconds + 15, (begin, fault(cluster.freeze_receivers)),
                                  (begin + seconds, fault(cluster.thaw_receivers)), rates={"read": 90})

    def rate(first, last):
        good = [attempt for attempt in load.api.attempts if attempt.kind == "read" and not attempt.code
                and first <= attempt.ended - load.begun < last]
        return len(good) / (last - first)

    before, during = rate(2, begin), rate(begin + 1, begin + seconds)
    result.set("reads/s before", before)
    result.set("reads/s meanwhile", during)
    result.bar("reads keep 90 %", during >= 0.9 * before, f"{during:.0f} of {before:.0f}/s")


async def restart_pooler(bench, result, mode):
    await bench.start(mode)
    restart = fault(bench.cluster.restart_pooler, mode)
    load = await bench.under_load(result, FAULT_AT + 10, (FAULT_AT, restart), (FAULT_AT + 4, restart))
    bar_failures(result, load, READS + SIGNED_IN_READS, "no query fails")
    lost = {code: count for code, count in failures(load.api.attempts, WRITES).items() if "NOT_DONE" not in code}
    result.bar("a write is done or NOT_DONE", not lost, lost)


@row("pgbouncer-session", essential=True)
async def pgbouncer_session(bench, result):
    """PgBouncer in session mode is restarted twice."""
    await restart_pooler(bench, result, "session")


@row("pgbouncer-transaction", essential=True)
async def pgbouncer_transaction(bench, result):
    """PgBouncer in transaction mode is restarted twice."""
    await restart_pooler(bench, result, "transaction")


@row("replica-start")
async def replica_start(bench, result):
    """A server is started with the address of a replica alone."""
    cluster, reason = bench.cluster, "can only be read"
    await bench.start()
    replica = (await call(cluster.replicas))[0]
    url = f"postgres://wares:wares@node{replica}:5432/wares"
    try:
        # It waits for the database first.
        printed = await call(cluster.command, "check", "--database-url", url, "--database-wait", "1s", timeout=60)
        result.bar("wares check fails", False, printed)
    except RuntimeError as error:
        result.set("wares check", [line for line in str(error).splitlines() if "database" in line][1:2])
        result.bar("wares check says why", reason in str(error), str(error))
    await call(cluster.stop, "wares1")
    await call(cluster.start_server, 1, wait=False, DATABASE_URL=url)
    status, body, probes = 0, "", 0
    for _ in range(30):
        status, body = await call(http, "http://wares1:8000/health/ready")
        probes += status != 0
        result.bar("it is not ready", status != 200)
        if reason in body:
            break
        await asyncio.sleep(0.3)
    result.set("/health/ready", f"{status} {body.strip()}")
    result.bar("it is not ready, and says why", status == 503 and reason in body, f"{status} {body}")
    await call(cluster.stop, "wares1")


@row("paused-replica")
async def paused_replica(bench, result):
    """A replica stops replaying changes for 12 s, and receives them all the same."""
    cluster, seconds = bench.cluster, 12
    await bench.start()
    replica = (await call(cluster.replicas))[0]
    used, query = {}, """SELECT count(*) FROM pg_stat_activity WHERE usename = 'wares' AND query ILIKE '%%FROM "products"%%'
        AND query_start > clock_timestamp() - make_interval(secs => %s)"""

    async def count(name, age):
        # The connections that read products within the last `age` seconds, several times.
        for _ in range(10):
            rows = await call(cluster.sql, query, (age,), replica)
            used[name] = used.get(name, 0) + rows[0][0]
            await asyncio.sleep(0.1)

    async def pause(_load):
        await count("before", 1.0)
        # Patroni would resume a replay that is paused with pg_wal_replay_pause().
        await call(cluster.signal_node, replica, signal.SIGSTOP, "startup recovering")
        position = "SELECT pg_last_wal_replay_lsn()"
        used["position"] = await call(cluster.sql, position, (), replica)
        # A read after more than a second is one that should have gone elsewhere.
        await asyncio.sleep(1.2)
        for _ in range(8):
            await count("meanwhile", 0.1)
        await asyncio.sleep(seconds - 10)
        has_stopped = used.pop("position") == await call(cluster.sql, position, (), replica)
        result.bar("the replica has stopped replaying", has_stopped)
        await call(cluster.thaw_node, replica)
        await asyncio.sleep(3)
        await count("afterwards", 1.0)

    load = await bench.under_load(result, FAULT_AT + seconds + 8, (FAULT_AT, pause))
    result.set("connections in use at it, 10 samples", used)
    result.bar("reads go to replicas", used["before"] and used["afterwards"], used)
    result.bar("a replica that is late is not read", not used["meanwhile"], used)
    bar_failures(result, load, READS + SIGNED_IN_READS + WRITES, "nothing fails")


@row("adjust-stock")
async def adjust_stock(bench, result):
    """adjustStock over three servers, when commits wait 5 ms for others (commit_delay). Without synchronous replication."""
    cluster = bench.cluster
    await bench.start()

    def settings(is_synchronous, delay):
        return {"synchronous_mode": is_synchronous, "postgresql": {"parameters": {"commit_delay": delay}}}

    async def measure(delay):
        await call(cluster.configure, settings(False, delay))
        query = "SELECT current_setting('commit_delay'), current_setting('synchronous_standby_names')"
        while (await call(cluster.sql, query))[0] != (str(delay), ""):
            await asyncio.sleep(0.3)
        rate, failed = await throughput.adjust_stock(bench)
        result.set(f"adjustStock/s with commit_delay={delay}", rate)
        result.bar("nothing fails", not failed, failed)
        return rate

    try:
        await measure(0)
        rate = await measure(5000)
    finally:
        await call(cluster.configure, settings(True, None))
    result.bar("at least 450/s", rate >= 450, f"{rate:.0f}/s")


@row("cache")
async def cache(bench, result):
    """Hits of the read cache while 20 changes a second are made."""
    await bench.start()
    hits, details = await throughput.cache_hits(bench)
    result.set("hits", hits)
    result.set("load", details)
    result.bar("at least 0.6", hits >= 0.6, f"{hits:.2f}")


@row("rolling")
async def rolling(bench, result):
    """Rolling upgrade from the program of --old on a database of its version. Without --old a restart of the same version."""
    cluster, old = bench.cluster, bench.old or bench.cluster.wares
    await bench.start()
    await call(cluster.stop, "wares1", "wares2", "wares3")
    for statement in ("DROP DATABASE wares WITH (FORCE)", "CREATE DATABASE wares OWNER wares"):
        await call(cluster.sql, statement, database="postgres")
    await call(cluster.create_shop, old)
    await call(cluster.start_wares, bench.via, old)
    await bench.api.sign_in()
    bench.mailbox.texts.clear()
    bench.shop = await Shop.create(bench.api, bench.mailbox)

    async def upgrade(_load):
        await call(cluster.command, "migrate", "up")
        for server in (1, 2, 3):
            await call(cluster.stop, f"wares{server}")
            await call(cluster.start_server, server)
            await asyncio.sleep(2)

    load = await bench.under_load(result, FAULT_AT + 30, (FAULT_AT, upgrade), probed=0)
    result.set("from", "the same program" if old == cluster.wares else await call(cluster.run, [old, "--version"]))
    bar_failures(result, load, READS + SIGNED_IN_READS + WRITES, "nothing fails")


def describe():
    return "\n".join(f"{name:22} {'essential ' if essential else '':10} {function.__doc__.splitlines()[0]}"
                     for name, (function, essential) in ROWS.items())


def choose(names):
    """Returns the names of rows: all if none is given, and the essential ones for `essential`."""
    chosen = []
    for name in names or ROWS:
        if name != "essential" and name not in ROWS:
            sys.exit(f"{name} is no row. The rows are:\n{describe()}")
        chosen += [name] if name in ROWS else [other for other, (_, essential) in ROWS.items() if essential]
    return chosen


async def run(names, folder, options):
    """Brings the cluster up and runs rows on it. Prints and returns their results. One that can't be run is a miss."""
    begun, results, mailbox = time.monotonic(), [], Mailbox()
    cluster = Cluster(folder, options.program)
    await call(cluster.bring_up)
    await mailbox.listen(HUB, SMTP_PORT)
    cluster.via, cluster.settings = options.via, dict(setting.split("=", 1) for setting in options.set)
    await call(cluster.create_shop)
    await call(cluster.start_wares, options.via)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=20)) as session:
        api = Api(session)
        await api.sign_in()
        bench = Bench(cluster, api, mailbox, await Shop.create(api, mailbox), options.via, options.old, options.load)
        print(f"The cluster is up after {time.monotonic() - begun:.0f} s.", flush=True)
        for name in names:
            result, at = Result(name, options.slack), time.monotonic()
            try:
                await ROWS[name][0](bench, result)
            except Exception:
                traceback.print_exc()
                result.bar("the row can be run", False, traceback.format_exc(limit=-1).splitlines()[-1])
            result.set("seconds", int(time.monotonic() - at))
            results.append(result)
            print(result, flush=True)
    print(table(results))
    missed = sum(bool(result.missed) for result in results)
    print(f"{len(results)} rows in {time.monotonic() - begun:.0f} s, {missed} of them miss something.", flush=True)
    return results
