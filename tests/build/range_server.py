# SPDX-License-Identifier: GPL-2.0-or-later
"""range_server.py DIR LOG: HTTP of a directory, with parts of files; prints its port.

LOG gets a line for each request: name and first byte. While LOG.break exists, files of over 5 MB end in the middle; while LOG.slow
exists, they are sent at 2 MB a second.
"""
import email.utils
import http.server
import os
import sys
import time

ROOT, LOG = sys.argv[1:]
CHUNK = 100000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def first_byte(self, modified):
        if self.headers.get('If-Range') != modified or not self.headers.get('Range'):
            return 0
        return int(self.headers['Range'].split('=')[1].rstrip('-'))

    def send_file(self, path, start, size):
        end = size // 2 if size > 5000000 and os.path.exists(LOG + '.break') else size
        with open(path, 'rb') as f:
            f.seek(start)
            for at in range(start, end, CHUNK):
                self.wfile.write(f.read(min(CHUNK, end - at)))
                if size > 5000000 and os.path.exists(LOG + '.slow'):
                    time.sleep(0.05)
        if end < size:
            os.unlink(LOG + '.break')
            self.close_connection = True

    def do_GET(self):
        path = os.path.join(ROOT, self.path.rsplit('/', 1)[1])
        if not os.path.isfile(path):
            self.send_error(404)
            return
        size = os.path.getsize(path)
        modified = email.utils.formatdate(int(os.path.getmtime(path)), usegmt=True)
        start = self.first_byte(modified)
        with open(LOG, 'a', encoding='utf-8') as f:
            f.write('%s %d\n' % (os.path.basename(path), start))
        self.send_response(206 if start else 200)
        self.send_header('Last-Modified', modified)
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', str(size - start))
        if start:
            self.send_header('Content-Range', 'bytes %d-%d/%d' % (start, size - 1, size))
        self.end_headers()
        self.send_file(path, start, size)


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
