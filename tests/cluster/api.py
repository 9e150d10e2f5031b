"""GraphQL requests to the servers, each of which is recorded."""

import asyncio
import collections
import json
import random
import time

import aiohttp

from cluster import ADMIN_EMAIL, PASSWORD, SERVERS

SHOP = "http://haproxy:8080"
DIRECT = [f"http://wares{server}:8000" for server in SERVERS]

PRODUCT = "query P($slug: String!) { product(slug: $slug) { id version stock description } }"
ME = "{ me { id email } }"
CATEGORY = "mutation($input: CreateCategoryInput!) { createCategory(input: $input) { category { id } userErrors { message } } }"
CREATE = "mutation($input: CreateProductInput!) { createProduct(input: $input) { product { id slug } userErrors { message } } }"
UPDATE = """mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
    product { version } userErrors { code currentVersion message } } }"""
ADJUST = "mutation($input: AdjustStockInput!) { adjustStock(input: $input) { product { stock } userErrors { code message } } }"
LOGIN = "mutation($input: LoginInput!) { login(input: $input) { accessToken refreshToken userErrors { code } } }"
REFRESH = """mutation($input: RefreshTokenInput!) { refreshToken(input: $input) {
    accessToken refreshToken userErrors { code } } }"""
REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { resendAfterSeconds userErrors { code } } }"
VERIFY = "mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { userErrors { code message } } }"

# An attempt that succeeded has no code. Times are those of time.monotonic().
Attempt = collections.namedtuple("Attempt", "kind begun ended code")


class Failure(Exception):
    """A request without data. The text is its code."""

    def is_final(self):
        """Whether the request is invalid, so that repeating it is of no use."""
        return str(self).startswith("4") and "IN_USE" not in str(self)


class Api:
    def __init__(self, http):
        self.http, self.attempts = http, []
        self.admin = None

    async def send(self, kind, query, variables, token=None, key=None, base=SHOP, timeout=15):
        """Sends a request once. Returns the data and the headers."""
        address = f"203.0.{random.randrange(114)}.{random.randrange(1, 255)}"
        headers = {"X-Forwarded-For": address}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        begun, code, data, received = time.monotonic(), None, None, {}
        try:
            limit = aiohttp.ClientTimeout(total=timeout)
            body = {"query": query, "variables": variables}
            async with self.http.post(f"{base}/graphql", json=body, headers=headers, timeout=limit) as response:
                code, data = result(response.status, await response.read())
                received = response.headers
        except asyncio.TimeoutError:
            code = "no response"
        except aiohttp.ClientConnectorError:
            code = "connection refused"
        except (aiohttp.ClientError, OSError) as error:
            code = f"connection lost: {type(error).__name__}"
        self.attempts.append(Attempt(kind, begun, time.monotonic(), code))
        if code:
            raise Failure(code)
        return data, received

    async def data(self, *arguments, **options):
        """Sends a request until it succeeds, at most a minute, and returns the data."""
        end = time.monotonic() + 60
        while True:
            try:
                return (await self.send(*arguments, **options))[0]
            except Failure:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.3)

    async def sign_in(self):
        """Signs in as the admin."""
        payload = await self.data("setup", LOGIN, {"input": {"email": ADMIN_EMAIL, "password": PASSWORD}})
        self.admin = payload["login"]["accessToken"]


def result(status, body):
    """Returns the code of an error, or None and the data."""
    try:
        document = json.loads(body)
    except ValueError:
        return f"{status} without JSON", None
    if errors := document.get("errors"):
        extensions = errors[0].get("extensions", {})
        parts = [str(status), extensions.get("code"), extensions.get("outcome")]
        return " ".join(part for part in parts if part), None
    return (None, document["data"]) if status == 200 else (str(status), None)
