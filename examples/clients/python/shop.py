"""A client of a Wares shop: lists products, keeps a session, uploads images."""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from gql import Client, FileVar, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from gql.utilities import update_schema_scalars
from graphql import GraphQLScalarType, build_schema, parse, separate_operations

FOLDER = Path(__file__).parent
# A copy of these files belongs to your program.
SCHEMA = FOLDER.parent.parent.parent / "schema.graphql"
OPERATIONS = FOLDER.parent / "operations"


class UserErrors(Exception):
    """The server refused a mutation: `errors` has a code, a field and a message each."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(error["message"] for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Product:
    """A product of a list. The address of its image expires: show it, but do not store it."""

    id: str
    name: str
    price: Decimal
    currency: str
    image_url: str | None


class Shop:
    """A connection to a shop, signed in or anonymous."""

    def __init__(self, url: str, refresh_token: str | None = None) -> None:
        # Store this token wherever your program keeps secrets. Each refresh replaces it.
        self.refresh_token = refresh_token
        # Multipart requests need this header.
        self._headers = {"apollo-require-preflight": "true", "User-Agent": "example/1.0"}
        schema = build_schema(SCHEMA.read_text())
        decimal = GraphQLScalarType("Decimal", serialize=str, parse_value=Decimal)
        time = GraphQLScalarType("DateTime", serialize=datetime.isoformat, parse_value=datetime.fromisoformat)
        update_schema_scalars(schema, [decimal, time])
        # With the schema, `gql` checks each operation before it sends it, and converts decimals and times.
        self._client = Client(
            schema=schema,
            transport=RequestsHTTPTransport(url, headers=self._headers, timeout=30),
            parse_results=True,
        )
        documents = parse("\n".join(file.read_text() for file in sorted(OPERATIONS.glob("*.graphql"))))
        self._operations = separate_operations(documents)

    def execute(self, operation: str, **variables: Any) -> dict[str, Any]:
        """Executes an operation. When the access token has expired, refreshes it and tries once more."""
        try:
            return self._send(operation, variables)
        except TransportQueryError as error:
            code = (error.errors or [{}])[0].get("extensions", {}).get("code")
            if code != "UNAUTHENTICATED" or self.refresh_token is None:
                raise
        self.refresh()
        return self._send(operation, variables)

    def products(self, search: str | None = None, page_size: int = 50) -> Iterator[Product]:
        """Lists all products, page by page."""
        after = None
        while True:
            page = self.execute("Products", first=page_size, after=after, search=search)["products"]
            for node in page["nodes"]:
                image = node["image"]
                yield Product(
                    node["id"],
                    node["name"],
                    node["price"]["amount"],
                    node["price"]["currency"],
                    image and image["url"],
                )
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def sign_in(self, email: str, password: str) -> None:
        self._use(self._send("SignIn", {"email": email, "password": password})["login"])

    def refresh(self) -> None:
        """Gets new tokens. Raises `UserErrors` with `TOKEN_INVALID` when the session has ended: sign in again."""
        # Anonymous: an expired access token must not fail the request that replaces it.
        self._headers.pop("Authorization", None)
        self._use(self._send("Refresh", {"refreshToken": self.refresh_token})["refreshToken"])

    def sign_out(self) -> None:
        self._send("SignOut", {"refreshToken": self.refresh_token})
        self._headers.pop("Authorization", None)
        self.refresh_token = None

    def upload_avatar(self, file: Path) -> str:
        """Uploads an avatar as a multipart request and returns its address."""
        payload = _checked(self.execute("UploadAvatar", file=file)["uploadAvatar"])
        return str(payload["user"]["avatar"]["url"])

    def upload_product_image(self, product: str, file: Path, alt: str) -> str:
        """Uploads an image of a product directly to the store, as an admin, and returns its address."""
        payload = self.execute(
            "CreateImageUpload",
            productId=product,
            contentType=mimetypes.guess_type(file)[0],
            bytes=file.stat().st_size,
            alt=alt,
        )
        upload = _checked(payload["createImageUpload"])["upload"]
        headers = {header["name"]: header["value"] for header in upload["headers"]}
        with file.open("rb") as content:
            requests.put(upload["url"], data=content, headers=headers, timeout=300).raise_for_status()
        payload = self.execute("CompleteImageUpload", id=upload["id"])
        return str(_checked(payload["completeImageUpload"])["image"]["url"])

    def _send(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        # A file is opened for each attempt.
        files = {
            name: FileVar(str(value), content_type=mimetypes.guess_type(value)[0])
            for name, value in variables.items()
            if isinstance(value, Path)
        }
        request = GraphQLRequest(
            self._operations[operation],
            variable_values=variables | files,
            operation_name=operation,
        )
        return self._client.execute(request, upload_files=bool(files))

    def _use(self, payload: dict[str, Any]) -> None:
        _checked(payload)
        self.refresh_token = payload["refreshToken"]
        self._headers["Authorization"] = f"Bearer {payload['accessToken']}"


def _checked(payload: dict[str, Any]) -> dict[str, Any]:
    if payload["userErrors"]:
        raise UserErrors(payload["userErrors"])
    return payload
