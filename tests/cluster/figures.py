"""The figures of a load: what failed, how long nothing succeeded, and what the database holds at the end."""

import asyncio
import collections

READS = ("read", "probe")
SIGNED_IN_READS = ("admin_read", "me")
WRITES = ("update", "count", "blind", "refresh", "login", "register")
FAILED_READS, FAILED_SIGNED_IN, FAILED_WRITES = "failed catalog reads", "failed signed-in reads", "failed writes"
EARLY_WRITES = "failed writes before their deadline"
READ_GAP = "without a catalog read, s (at)"
WRITE_GAP = "without an acknowledged write, s (at)"
# A write waits for a primary as long as a request may take (REQUEST_TIMEOUT, 10 s). One that fails earlier did not.
DEADLINE = 9.0


class Result:
    """The figures of a row, and the bars that it misses."""

    def __init__(self, name, slack=1.0):
        self.name, self.figures, self.missed, self.details = name, {}, [], {}
        # Bounds of times are multiplied by it.
        self.slack = slack

    def set(self, name, value):
        self.figures[name] = round(value, 2) if isinstance(value, float) else value

    def bar(self, name, is_met, value=None):
        """Records a bar. `name` says what must hold."""
        if not is_met:
            self.missed.append(name if value is None else f"{name}: {value}")

    def as_json(self):
        return vars(self)

    def __str__(self):
        lines = [f"{'MISSED' if self.missed else 'ok':7} {self.name}"]
        lines.append("        " + "; ".join(f"{name} {value}" for name, value in self.figures.items()))
        lines += [f"        missed: {bar}" for bar in self.missed]
        return "\n".join(lines)


def table(results):
    """Returns the main figures of several rows as a table in Markdown."""
    columns = {"failed catalog reads": FAILED_READS, "failed signed-in reads": FAILED_SIGNED_IN, "failed writes": FAILED_WRITES,
               "before their deadline": EARLY_WRITES, "without a read, s": READ_GAP, "without a write, s": WRITE_GAP,
               "lost": "lost", "twice": "done twice", "stale": "stale reads", "with Age": "old reads with Age"}
    lines = ["| fault | " + " | ".join(columns) + " |  |", "|---" * (len(columns) + 2) + "|"]
    for result in results:
        if READ_GAP in result.figures:
            cells = [str(result.figures[name]) for name in columns.values()]
            cells = [cell.split(" {")[0].split(",")[0].strip("(") for cell in cells]
            lines.append(f"| {result.name} | " + " | ".join(cells) + f" | {'MISSED' if result.missed else 'ok'} |")
    return "\n".join(lines)


def longest_gap(times, begun, ended):
    """Returns the longest time between two consecutive times, and when it began."""
    points = [begun, *sorted(time for time in times if begun <= time <= ended), ended]
    gap, at = max((later - earlier, earlier) for earlier, later in zip(points, points[1:]))
    return round(gap, 2), round(at - begun, 1)


def failures(attempts, kinds, since=0.0):
    """Counts the failed attempts of these kinds by code."""
    return collections.Counter(attempt.code for attempt in attempts
                               if attempt.code and attempt.kind in kinds and attempt.ended >= since)


def add_load(result, load):
    """Adds the figures of a load."""
    attempts = load.api.attempts
    for name, kinds in ((FAILED_READS, READS), (FAILED_SIGNED_IN, SIGNED_IN_READS), (FAILED_WRITES, WRITES)):
        codes = failures(attempts, kinds)
        tried = sum(attempt.kind in kinds for attempt in attempts)
        result.set(name, f"{codes.total()} of {tried}" + (f" {dict(codes.most_common())}" if codes else ""))
    early = [attempt for attempt in attempts
             if attempt.code and attempt.kind in WRITES and attempt.ended - attempt.begun < DEADLINE]
    result.set(EARLY_WRITES, len(early))
    good = [attempt.ended for attempt in attempts if attempt.kind in READS and not attempt.code]
    result.set(READ_GAP, longest_gap(good, load.begun, load.ended))
    result.set(WRITE_GAP, longest_gap(load.acknowledged, load.begun, load.ended))
    result.set("acknowledged writes", len(load.acknowledged))
    durations = sorted(attempt.ended - attempt.begun for attempt in attempts)
    result.set("longest request, s", durations[-1] if durations else 0.0)
    result.set("stale reads", f"{len(load.stale)}, oldest {max([load.oldest, *load.stale]):.2f} s; signed in {load.stale_signed_in}")
    result.set("old reads with Age", f"{len(load.declared)}, oldest {max(load.declared, default=0.0):.2f} s")
    result.set("sessions lost", load.count_anomalies("session lost"))
    if load.not_sent:
        result.set("not sent, because earlier ones waited", load.not_sent)
    result.details = {"anomalies": load.anomalies, "seconds": by_second(load)}


def by_second(load):
    """Returns for each second the good reads, failed reads, acknowledged writes and failed writes."""
    seconds = collections.defaultdict(lambda: [0, 0, 0, 0])
    for attempt in load.api.attempts:
        at = int(attempt.ended - load.begun)
        if attempt.kind in READS:
            seconds[at][bool(attempt.code)] += 1
        elif attempt.kind in WRITES and attempt.code:
            seconds[at][3] += 1
    for time in load.acknowledged:
        seconds[int(time - load.begun)][2] += 1
    return dict(sorted(seconds.items()))


async def add_database(result, load, cluster):
    """Compares the database with what was acknowledged."""
    rows = await asyncio.to_thread(cluster.sql, "SELECT slug, version, stock FROM products")
    versions, stock = {slug: version for slug, version, _ in rows}, {slug: stock for slug, _, stock in rows}
    lost = sum(anomaly["had"] - anomaly["current"] for anomaly in load.anomalies if anomaly["kind"] == "lost update")
    doubled = load.count_anomalies("update done twice")
    for hot in load.hot:
        difference = versions[hot.slug] - hot.version
        lost, doubled = lost + max(0, -difference), doubled + max(0, difference - hot.pending)
    for _, slug in load.shop.counters:
        difference = stock[slug] - load.stock[slug] - load.counted[slug]
        lost += max(0, -difference)
        doubled += max(0, difference - load.counted[f"{slug} unknown"])
    slug = load.shop.blind[1]
    difference = stock[slug] - load.stock[slug] - load.blind["done"]
    result.set("lost", lost + max(0, -difference))
    result.set("done twice", doubled)
    not_done = max(0, difference - load.blind["unknown"])
    result.set("NOT_DONE but done", not_done)
    result.bar("nothing acknowledged is lost", not lost and difference >= 0)
    result.bar("nothing is done twice", not doubled)
    result.bar("NOT_DONE is not done", not not_done)
    result.bar("no session is lost", not load.count_anomalies("session lost"))
    result.bar("every request is answered", not load.count_anomalies("unfinished"))
    missing = load.registered
    # A server that lost its connection holds a job for a minute.
    for _ in range(300):
        missing = [email for email in missing if not load.mailbox.texts[email]]
        if not missing:
            break
        await asyncio.sleep(0.3)
    twice = sum(len(load.mailbox.texts[email]) > 1 for email in load.registered)
    result.set("emails", f"{len(load.registered)}, missing {len(missing)}, twice {twice}")
    result.bar("every email is sent", not missing)


def bar_stale(result, load):
    result.bar("no anonymous read is older than 1 s, or than its Age", not load.stale,
               f"{len(load.stale)}, oldest {max(load.stale, default=0.0):.2f} s")
    result.bar("no signed-in read is old", not load.stale_signed_in, load.stale_signed_in)


def bar_gap(result, name, bound):
    gap, at = result.figures[name]
    bound *= result.slack
    result.bar(f"{name} at most {bound:g}", gap <= bound, f"{gap} at {at}")


def bar_failures(result, load, kinds, name, since=0.0):
    codes = failures(load.api.attempts, kinds, since)
    result.bar(name, not codes, dict(codes))
