"""The other ends of the ways to sign in: a text message provider, a mail server, an OpenID Connect provider."""

import base64
import contextlib
import email
import email.policy
import hashlib
import http.server
import json
import os
import threading
import urllib.parse

import aiosmtpd.controller
import werkzeug.serving

from cluster import free_port

os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")
import oidc_provider_mock  # noqa: E402  (reads the variable above)


class Served:
    """A provider with a `server` of its own, which answers while the block runs."""

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class TextProvider(Served):
    """Answers as MSG91's flow API does; refuses as long as it is told to."""

    def __init__(self):
        self.requests, self.refusals = [], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append((self.path, dict(self.headers), body))
                refused = outer.refusals > 0
                outer.refusals -= refused
                # Refusals of the real one come with status 200 too.
                answer = {"type": "error", "message": "busy"} if refused else {"message": "3763646c3058373530393938", "type": "success"}
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class MailServer:
    """Keeps the letters that it is given."""

    def __init__(self):
        self.letters = []
        self.controller = aiosmtpd.controller.Controller(self, hostname="127.0.0.1", port=free_port())
        self.url = f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append((envelope.rcpt_tos, letter["subject"], letter.get_content()))
        return "250 OK"

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()


class IdentityProvider(Served):
    """oidc-provider-mock, which also holds whoever asks to PKCE, and can change its key."""

    def __init__(self):
        self.app = oidc_provider_mock.app(require_nonce=True)
        self.challenges, self.storage, self.pkce_faults = {}, None, []
        self.app.before_request(self.look)
        self.app.after_request(self.note)
        self.server = werkzeug.serving.make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def look(self):
        import flask

        self.storage = flask.g.oidc_provider_mock_storage
        if flask.request.path == "/oauth2/token":
            form = flask.request.form
            made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
            if self.challenges.pop(form.get("code"), None) != made:
                self.pkce_faults.append(dict(form))
                return flask.jsonify({"error": "invalid_grant"}), 400
        return None

    def note(self, response):
        import flask

        place = response.headers.get("location", "")
        if flask.request.path == "/oauth2/authorize" and "code=" in place:
            assert flask.request.args.get("code_challenge_method") == "S256"
            code = urllib.parse.parse_qs(urllib.parse.urlparse(place).query)["code"][0]
            self.challenges[code] = flask.request.args["code_challenge"]
        return response

    def change_key(self):
        with contextlib.suppress(ImportError):
            from authlib import jose
            self.storage.jwk = jose.RSAKey.generate_key(is_private=True)
