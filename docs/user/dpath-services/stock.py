"""The third service of the walkthrough: nothing but Python's standard library. Its sidecar guards it and finds nodes for it.

    stock.py NAME PORT OUTBOUND     OUTBOUND is the port at which the sidecar takes its calls to others
"""

import http.client
import http.server
import sys

name, port, outbound = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def ask(app, served):
    """Call another app for the call being served: the app's name is the Host, and two headers are passed on."""
    headers = {h: served.headers[h] for h in ("baggage", "traceparent") if h in served.headers}
    call = http.client.HTTPConnection("127.0.0.1", outbound)
    try:
        call.request("GET", "/", headers={"Host": app, **headers})
        answer = call.getresponse()
        return answer.status, answer.read()
    finally:
        call.close()


class Stock(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True

    def do_GET(self):
        status, body = 200, name.encode() + b"\n"
        if self.path == "/stock":
            status, answer = ask("web", self)
            body = name.encode() + b" " + answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Stock).serve_forever()
