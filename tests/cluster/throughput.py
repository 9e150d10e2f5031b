"""Loads of one kind: changes of stock as fast as possible, and reads of many pages while some are changed."""

import asyncio
import itertools
import random
import re
import time

from api import ADJUST, DIRECT, PRODUCT, UPDATE, Failure
from cluster import SERVERS, http

LIST = "query($after: String) { products(first: 20, after: $after, sort: {field: NAME}) { nodes { id name stock } pageInfo { endCursor } } }"
ALL = "query($after: String) { products(first: 100, after: $after) { nodes { id slug } pageInfo { hasNextPage endCursor } } }"


async def import_products(bench, count):
    """Imports products, and returns the id and the slug of each product."""
    path = f"{bench.cluster.folder}/products.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("name,price,sku,stock,categories,status\n")
        file.writelines(f"Thing {number},4.90,THING-{number},100000,Load,ACTIVE\n" for number in range(count))
    await asyncio.to_thread(bench.cluster.command, "import", path)
    found, after = [], None
    while True:
        page = (await bench.api.data("setup", ALL, {"after": after}, bench.api.admin))["products"]
        found += [(node["id"], node["slug"]) for node in page["nodes"] if node["slug"].startswith("thing-")]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def adjust_stock(bench, clients=96, seconds=10):
    """Returns the number of stock changes a second, and of those that failed. Each client has its own product."""
    products = await import_products(bench, clients)
    await bench.api.sign_in()
    bench.api.attempts.clear()
    begun, warm_up = time.monotonic(), 3

    async def change(number):
        fields = {"id": products[number][0], "delta": 1}
        while time.monotonic() < begun + warm_up + seconds:
            try:
                base = DIRECT[number % len(DIRECT)]
                await bench.api.send("adjust", ADJUST, {"input": fields}, bench.api.admin, base=base)
            except Failure:
                await asyncio.sleep(0.1)

    await asyncio.gather(*(change(number) for number in range(clients)))
    attempts = [attempt for attempt in bench.api.attempts if begun + warm_up <= attempt.ended < begun + warm_up + seconds]
    failed = sum(attempt.code is not None for attempt in attempts)
    return (len(attempts) - failed) / seconds, failed


def cache_counts():
    """Returns the hits and the misses of all servers."""
    text = "".join(http(f"http://wares{server}:9000/metrics")[1] for server in SERVERS)
    return [sum(int(value) for value in re.findall(rf"^wares_read_cache_{name}_total (\d+)", text, re.MULTILINE))
            for name in ("hits", "misses")]


async def cache_hits(bench, pages=500, reads=200, changes=20, seconds=30):
    """Returns the share of anonymous reads that the cache answers, and a description of the load.

    Nine of ten reads are of a product's page, the others of a list. Both are read and changed by popularity (Zipf).
    A page that is read by every server 3.3 times between two changes is a hit in 77 % of the reads at best.
    """
    products = await import_products(bench, pages)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(products) + 1)))
    await bench.api.sign_in()
    for base in DIRECT:
        for _, slug in products:
            await bench.api.data("setup", PRODUCT, {"slug": slug}, base=base)
    bench.api.attempts.clear()
    end = time.monotonic() + seconds
    before = cache_counts()
    failed = 0

    async def read():
        if random.random() < 0.1:
            await bench.api.send("list", LIST, {})
        else:
            _, slug = random.choices(products, cum_weights=weights)[0]
            await bench.api.send("read", PRODUCT, {"slug": slug})

    async def change():
        id, _ = random.choices(products, cum_weights=weights)[0]
        if random.random() < 0.5:
            await bench.api.send("adjust", ADJUST, {"input": {"id": id, "delta": -1}}, bench.api.admin)
        else:
            fields = {"id": id, "description": str(random.random())}
            await bench.api.send("update", UPDATE, {"input": fields}, bench.api.admin)

    async def attempt(send):
        nonlocal failed
        try:
            await send()
        except Failure:
            failed += 1

    async def repeat(send, rate):
        tasks, at = [], time.monotonic()
        while at < end:
            await asyncio.sleep(max(0, at - time.monotonic()))
            tasks.append(asyncio.ensure_future(attempt(send)))
            at += random.expovariate(rate)
        await asyncio.gather(*tasks)

    await asyncio.gather(repeat(read, reads), repeat(change, changes))
    hits, misses = (after - earlier for after, earlier in zip(cache_counts(), before))
    done = sum(attempt.kind in ("read", "list") for attempt in bench.api.attempts)
    writes = sum(attempt.kind in ("adjust", "update") for attempt in bench.api.attempts)
    details = f"{done / seconds:.0f} reads/s of {pages} products and a list, {writes / seconds:.0f} changes/s, {failed} failed"
    return hits / max(1, hits + misses), details
