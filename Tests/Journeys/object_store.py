"""The part of Amazon's S3 that tansu keeps its data with: objects in memory, conditional writes, lists by prefix.

`python object_store.py PORT` serves every bucket on that port of the loopback address until it is stopped. It stands for the disk of a
broker that is killed: moto, which knows all of S3, renders a list of a thousand objects in a second, and tansu asks for one list a fetch.
"""

import asyncio
import bisect
import datetime
import email.utils
import hashlib
import sys
import urllib.parse
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Store:
    """Objects by `bucket/key`, their names in order, and what a list says of each, written once."""

    def __init__(self):
        self.objects = {}
        self.names = []
        self.rows = {}

    def put(self, name, body):
        etag = f'"{hashlib.md5(body).hexdigest()}-{len(body)}"'
        now = datetime.datetime.now(datetime.timezone.utc)
        if name not in self.objects:
            bisect.insort(self.names, name)
        self.objects[name] = (body, etag, email.utils.format_datetime(now, usegmt=True))
        key = name.partition("/")[2]
        self.rows[name] = (
            f"<Contents><Key>{escape(key)}</Key><LastModified>{now:%Y-%m-%dT%H:%M:%S}.000Z</LastModified><ETag>{escape(etag)}</ETag>"
            f"<Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>")
        return etag

    def delete(self, name):
        if self.objects.pop(name, None) is not None:
            del self.rows[name]
            del self.names[bisect.bisect_left(self.names, name)]

    def list(self, bucket, prefix, delimiter, after):
        start = bisect.bisect_left(self.names, f"{bucket}/{prefix}")
        if after:
            start = max(start, bisect.bisect_right(self.names, f"{bucket}/{after}"))
        rows, groups = [], {}
        skip = len(bucket) + 1
        for index in range(start, len(self.names)):
            name = self.names[index]
            if not name.startswith(f"{bucket}/{prefix}"):
                break
            rest = name[skip + len(prefix):]
            if delimiter and delimiter in rest:
                groups[prefix + rest[:rest.index(delimiter) + len(delimiter)]] = None
            else:
                rows.append(self.rows[name])
        return (
            f"{HEAD}<ListBucketResult {SPACE}><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(rows) + len(groups)}</KeyCount>"
            f"<MaxKeys>1000000</MaxKeys><IsTruncated>false</IsTruncated>{''.join(rows)}"
            + "".join(f"<CommonPrefixes><Prefix>{escape(group)}</Prefix></CommonPrefixes>" for group in groups) + "</ListBucketResult>").encode()


def problem(code):
    return f"{HEAD}<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def answer(store, method, target, headers, body):
    """The status, headers and body that S3 gives. A condition that does not hold changes nothing and is answered 412."""
    path, _, query = target.partition("?")
    name = urllib.parse.unquote(path).lstrip("/")
    asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    bucket, _, key = name.partition("/")
    held = store.objects.get(name)
    wants, shuns = headers.get("if-match"), headers.get("if-none-match")
    if not key:
        if method == "GET":
            return 200, {}, store.list(bucket, asked.get("prefix", ""), asked.get("delimiter", ""), asked.get("start-after", ""))
        return (200, {}, b"") if method in ("PUT", "HEAD") else (405, {}, problem("MethodNotAllowed"))
    if method == "PUT":
        if wants is not None and (held is None or wants != held[1]) or shuns == "*" and held is not None:
            return 412, {}, problem("PreconditionFailed")
        return 200, {"ETag": store.put(name, body)}, b""
    if method == "DELETE":
        store.delete(name)
        return 204, {}, b""
    if method not in ("GET", "HEAD"):
        return 405, {}, problem("MethodNotAllowed")
    if held is None:
        return 404, {}, problem("NoSuchKey")
    content, etag, changed = held
    about = {"ETag": etag, "Last-Modified": changed, "Content-Type": "application/octet-stream"}
    if shuns is not None and shuns == etag:
        return 304, about, b""
    span = headers.get("range", "")
    if span.startswith("bytes="):
        first, _, last = span[6:].partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last), len(content) - 1) if first and last else len(content) - 1
        about["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        return 206, about, content[start:end + 1]
    return 200, about, content


async def serve(store, reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            status, about, content = answer(store, method, target, headers, body)
            lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in about.items()), f"Content-Length: {len(content)}"]
            writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if method == "HEAD" else content))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(port):
    store = Store()
    server = await asyncio.start_server(lambda reader, writer: serve(store, reader, writer), "127.0.0.1", port, limit=1 << 24)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
