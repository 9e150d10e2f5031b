"""A mixed load: about 80 requests a second of ten kinds, each response of which is checked.

- Each of the `hot` products has one writer: its description is a number that only grows, so a reader knows how old a
  response is. An anonymous reader must see what was acknowledged a second before, a signed-in one everything.
- The stock of `counters` is increased under idempotency keys until there is a definite response. It must be the number
  of acknowledged increments.
- `blind` is increased without keys and repetitions. Its stock must count what was acknowledged, and may count what
  failed, but nothing that failed as NOT_DONE.
"""

import asyncio
import collections
import random
import time
import uuid

from api import ADJUST, CATEGORY, CREATE, DIRECT, LOGIN, ME, PRODUCT, REFRESH, REGISTER, UPDATE, VERIFY, Failure
from cluster import PASSWORD

RATES = {"read": 40, "admin_read": 8, "update": 10, "count": 12, "blind_write": 3, "me": 6, "refresh": 2, "login": 0.5,
         "register": 0.5}
# Of requests under way. More are not sent, and counted.
MAX_REQUESTS = 400
# Acknowledged changes are visible to anonymous clients after this time.
BOUND = 1.0


class Shop:
    """What the load works on."""

    def __init__(self, hot, counters, blind, users):
        self.hot, self.counters, self.blind, self.users = hot, counters, blind, users

    @classmethod
    async def create(cls, api, mailbox, users=10):
        async def run(query, **fields):
            payload = next(iter((await api.data("setup", query, {"input": fields}, api.admin)).values()))
            assert not payload["userErrors"], payload
            return payload

        async def product(name):
            payload = await run(CREATE, name=name, price="4.90", stock=1000, status="ACTIVE", categoryId=category, description="0")
            return payload["product"]["id"], payload["product"]["slug"]

        category = (await run(CATEGORY, name="Load"))["category"]["id"]
        hot = [await product(f"hot {number}") for number in range(20)]
        counters = [await product(f"counter {number}") for number in range(6)]
        blind = await product("blind")
        emails = [f"user{number}@example.com" for number in range(users)]
        for email in emails:
            await run(REGISTER, email=email, password=PASSWORD, name="User")
        for email in emails:
            while not mailbox.code(email):
                await asyncio.sleep(0.1)
            await run(VERIFY, email=email, otp=mailbox.code(email))
        return cls(hot, counters, blind, emails)


class Hot:
    """A product with one writer."""

    def __init__(self, id, slug):
        self.id, self.slug, self.lock = id, slug, asyncio.Lock()
        # The numbers that were acknowledged, with the times. `resets` counts how often they became unknown.
        # `pending`: the changes without a definite response, which may have been made.
        self.acknowledged, self.version, self.number, self.resets, self.pending = [], None, None, 0, 0

    def set(self, product):
        self.version, self.number = product["version"], int(product["description"] or 0)
        self.acknowledged = [(time.monotonic(), self.number)]

    def age(self, number, at):
        """Returns for how long, at this time, a later number had been acknowledged. Negative if none had."""
        return at - next((time for time, later in self.acknowledged if later > number), float("inf"))


class Load:
    def __init__(self, api, shop, mailbox, factor=1.0, rates=None, probed=0.25):
        self.api, self.shop, self.mailbox = api, shop, mailbox
        self.rates = {name: rate * factor for name, rate in {**RATES, **(rates or {})}.items()}
        self.hot = [Hot(*product) for product in shop.hot]
        # The share of updates after which each server is read directly.
        self.probed = probed
        self.tasks, self.anomalies, self.users, self.registered = set(), [], [], []
        self.acknowledged, self.not_sent = [], 0
        self.counted, self.stock = collections.Counter(), {}
        self.blind = collections.Counter()
        # Ages of anonymous responses over the bound, with and without the header Age, and the number of signed-in ones
        # that were old at all.
        self.stale, self.declared, self.stale_signed_in, self.oldest = [], [], 0, 0.0
        self.begun = self.ended = None

    def note(self, kind, **details):
        self.anomalies.append({"kind": kind, "at": round(time.monotonic() - self.begun, 2), **details})

    def count_anomalies(self, kind):
        return sum(anomaly["kind"] == kind for anomaly in self.anomalies)

    async def prepare(self):
        await self.api.sign_in()
        for hot in self.hot:
            hot.set(await self.product(hot.slug))
        for _, slug in [*self.shop.counters, self.shop.blind]:
            self.stock[slug] = (await self.product(slug))["stock"]
        for email in self.shop.users:
            payload = (await self.api.data("setup", LOGIN, {"input": {"email": email, "password": PASSWORD}}))["login"]
            self.users.append({"email": email, "payload": payload, "lock": asyncio.Lock()})
        self.api.attempts.clear()

    async def product(self, slug):
        return (await self.api.data("setup", PRODUCT, {"slug": slug}, self.api.admin))["product"]

    async def run(self, seconds, settle=45):
        """Sends requests for some time, and waits until all of them have responses."""
        self.begun = time.monotonic()
        self.ended = self.begun + seconds
        kinds = [(getattr(self, name), rate) for name, rate in self.rates.items() if rate]
        await asyncio.gather(*(self.repeat(send, rate) for send, rate in kinds))
        end = time.monotonic() + settle
        # Those that are answered may begin others.
        while self.tasks and time.monotonic() < end:
            await asyncio.wait(self.tasks, timeout=1)
        for task in self.tasks:
            self.note("unfinished")
            task.cancel()

    async def repeat(self, send, rate):
        at = self.begun + random.random() / rate
        while at < self.ended:
            await asyncio.sleep(max(0, at - time.monotonic()))
            if len(self.tasks) >= MAX_REQUESTS:
                self.not_sent += 1
            else:
                task = asyncio.ensure_future(send())
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            at += random.expovariate(rate)

    async def until_answered(self, kind, query, fields, token=None, key=None):
        """Sends a mutation until there is a definite response. Returns its payload and the codes of failures.

        The payload is None if no response was definite, or if an acknowledged one was lost for good.
        """
        codes, begun = [], time.monotonic()
        while True:
            try:
                data, _ = await self.api.send(kind, query, {"input": fields}, token, key)
                return next(iter(data.values())), codes
            except Failure as failure:
                codes.append(str(failure))
                if len(codes) == 20:
                    self.note("repeated 20 times", kind_of_request=kind, key=key, fields=fields, codes=codes[-3:])
                if failure.is_final() or "ANSWER_LOST" in str(failure) or time.monotonic() - begun > 90:
                    return None, codes
                await asyncio.sleep(0.3)

    # The kinds of requests.

    def check(self, hot, resets, at, product, headers, signed_in):
        age = hot.age(int(product["description"] or 0), at)
        if hot.resets != resets or age < 0:
            return
        # Without a primary a response may be old, if it says so (STALE_WHEN_AWAY).
        declared = headers.get("Age")
        if signed_in:
            self.stale_signed_in += 1
            self.note("signed-in read was old", slug=hot.slug, age=round(age, 3))
        elif declared is None:
            self.oldest = max(self.oldest, age)
            if age > BOUND:
                self.stale.append(age)
                self.note("anonymous read was old", slug=hot.slug, age=round(age, 3))
        elif age > BOUND:
            self.declared.append(age)
            # Whole seconds.
            if age > int(declared) + 1 + BOUND:
                self.stale.append(age)
                self.note("anonymous read was older than its Age", slug=hot.slug, age=round(age, 3), declared=declared)

    async def read(self, kind="read", token=None):
        hot, at = random.choice(self.hot), time.monotonic()
        resets = hot.resets
        try:
            data, headers = await self.api.send(kind, PRODUCT, {"slug": hot.slug}, token)
            self.check(hot, resets, at, data["product"], headers, token is not None)
        except Failure:
            pass

    async def admin_read(self):
        await self.read("admin_read", self.api.admin)

    async def probe(self, hot, number):
        """Reads a product from each server until it has this number."""
        resets, end = hot.resets, time.monotonic() + 4

        async def read_from(base):
            while time.monotonic() < end and hot.resets == resets:
                at = time.monotonic()
                try:
                    data, headers = await self.api.send("probe", PRODUCT, {"slug": hot.slug}, base=base, timeout=5)
                except Failure:
                    await asyncio.sleep(0.2)
                    continue
                self.check(hot, resets, at, data["product"], headers, False)
                if int(data["product"]["description"] or 0) >= number:
                    return
                await asyncio.sleep(0.05)

        await asyncio.gather(*(read_from(base) for base in DIRECT))

    async def update(self):
        free = [hot for hot in self.hot if not hot.lock.locked()]
        if not free:
            self.not_sent += 1
            return
        hot = random.choice(free)
        async with hot.lock:
            number, version = hot.number + 1, hot.version
            fields = {"id": hot.id, "expectedVersion": version, "description": str(number)}
            hot.pending = 1
            payload, codes = await self.until_answered("update", UPDATE, fields, self.api.admin, str(uuid.uuid4()))
            hot.pending = 0
            if payload is None:
                self.note("update without a definite response", slug=hot.slug, codes=codes[-3:])
            elif errors := payload["userErrors"]:
                current = errors[0].get("currentVersion")
                # A version that was acknowledged and is gone, or one that nobody else can have written.
                kind = "lost update" if current is not None and current < version else "update done twice"
                self.note(kind, slug=hot.slug, had=version, current=current, codes=codes[-3:], code=errors[0]["code"])
            elif payload["product"]["version"] != version + 1:
                self.note("update done twice", slug=hot.slug, had=version, current=payload["product"]["version"])
            else:
                hot.version, hot.number = version + 1, number
                hot.acknowledged.append((time.monotonic(), number))
                self.acknowledged.append(time.monotonic())
                if random.random() < self.probed:
                    probe = asyncio.ensure_future(self.probe(hot, number))
                    self.tasks.add(probe)
                    probe.add_done_callback(self.tasks.discard)
                return
            hot.resets += 1
            hot.set(await self.product(hot.slug))

    async def count(self):
        id, slug = random.choice(self.shop.counters)
        # Until there is a definite response.
        self.counted[f"{slug} unknown"] += 1
        payload, codes = await self.until_answered("count", ADJUST, {"id": id, "delta": 1}, self.api.admin, str(uuid.uuid4()))
        if payload is None or payload["userErrors"]:
            self.note("count without a definite response", slug=slug, codes=codes[-3:], payload=payload)
        else:
            self.counted[f"{slug} unknown"] -= 1
            self.counted[slug] += 1
            self.acknowledged.append(time.monotonic())

    async def blind_write(self):
        try:
            await self.api.send("blind", ADJUST, {"input": {"id": self.shop.blind[0], "delta": 1}}, self.api.admin)
            self.blind["done"] += 1
            self.acknowledged.append(time.monotonic())
        except Failure as failure:
            self.blind["not done" if "NOT_DONE" in str(failure) else "unknown"] += 1

    async def me(self):
        user = random.choice(self.users)
        try:
            await self.api.send("me", ME, {}, user["payload"]["accessToken"])
        except Failure as failure:
            if "UNAUTHENTICATED" in str(failure):
                self.note("session lost", email=user["email"])

    async def login(self):
        try:
            await self.api.send("login", LOGIN, {"input": {"email": random.choice(self.shop.users), "password": PASSWORD}})
        except Failure:
            pass

    async def refresh(self):
        free = [user for user in self.users if not user["lock"].locked()]
        if not free:
            return
        user = random.choice(free)
        async with user["lock"]:
            token = user["payload"]["refreshToken"]
            payload, codes = await self.until_answered("refresh", REFRESH, {"refreshToken": token})
            if payload is None or payload["userErrors"]:
                self.note("session lost", email=user["email"], codes=codes[-3:], payload=payload)
                data = await self.api.data("setup", LOGIN, {"input": {"email": user["email"], "password": PASSWORD}})
                payload = data["login"]
            user["payload"] = payload

    async def register(self):
        email = f"new-{uuid.uuid4().hex[:12]}@example.com"
        try:
            await self.api.send("register", REGISTER, {"input": {"email": email, "password": PASSWORD, "name": "New"}})
            self.registered.append(email)
        except Failure:
            pass
