"""An SMTP server that keeps the emails that it receives."""

import asyncio
import collections
import email
import re


class Mailbox:
    def __init__(self):
        # The texts of emails by recipient.
        self.texts = collections.defaultdict(list)

    async def listen(self, host, port):
        return await asyncio.start_server(self.serve, host, port)

    async def serve(self, reader, writer):
        try:
            await self.receive(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def receive(self, reader, writer):
        recipients = []
        writer.write(b"220 mail\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(":")[0].upper()
            if verb == "RCPT TO":
                recipients.append(re.search("<(.*)>", line).group(1))
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                self.store(recipients, await reader.readuntil(b"\r\n.\r\n"))
                recipients = []
            writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")

    def store(self, recipients, message):
        parts = email.message_from_bytes(message).walk()
        plain = [part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/plain"]
        for recipient in recipients:
            self.texts[recipient].append(b"\n".join(plain).decode())

    def code(self, recipient):
        """Returns the code of six digits in the latest email to a recipient. None if there is none."""
        found = [re.search(r"\b\d{6}\b", text) for text in self.texts[recipient]]
        return found[-1].group() if found and found[-1] else None
