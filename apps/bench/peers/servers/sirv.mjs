// sirv as its README puts it into production, on node:http.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import sirv from 'sirv'

const { port, root, cert, key } = JSON.parse(process.env.BENCH_SERVER)
const files = sirv(root, { gzip: true, brotli: true, etag: true })
const server = cert
  ? createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, files)
  : createServer(files)
server.keepAliveTimeout = 75_000
server.listen(port, '127.0.0.1', 1024)
