"""A web server for one file, with ranges, that can be slow, and can have a certificate."""

import http.server
import re
import ssl
import threading
import time

PIECE = 1 << 16


class FileServer:
    """Serves `data` at any path. `sent` counts the bytes of all answers."""

    def __init__(self, data, seconds_per_piece=0.0, certificate=None):
        self.data = data
        self.seconds_per_piece = seconds_per_piece
        self.sent = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer._answer(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request):
        begin, end = 0, len(self.data)
        if match := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", "")):
            begin, end = int(match[1]), min(int(match[2]) + 1, end)
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(self.data)}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(end - begin))
        request.send_header("ETag", '"one"')
        request.end_headers()
        for start in range(begin, end, PIECE):
            piece = self.data[start:min(start + PIECE, end)]
            try:
                request.wfile.write(piece)
            except OSError:
                return
            with self._lock:
                self.sent += len(piece)
            time.sleep(self.seconds_per_piece)
