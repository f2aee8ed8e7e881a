import { readFileSync } from 'node:fs'
import { createSecureServer, createServer as createHttp2Server } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { compress } from 'hono/compress'

const { app, port, root, cert, key, http2 } = JSON.parse(process.env.BENCH_SERVER)
const hono = new Hono()

if (app === 'hello') hono.get('/hello.txt', (c) => c.text('Hello, World!'))
if (app === 'echo') hono.post('/echo', async (c) => c.json(await c.req.json()))
if (app === 'files') hono.use('*', serveStatic({ root, precompressed: true }))
if (app === 'compress') {
  const text = readFileSync(`${root}/text.txt`, 'utf8')
  hono.use(compress({ encoding: 'gzip' }))
  hono.get('/text.txt', (c) => c.text(text))
}
if (app.startsWith('compress-json')) {
  const json = readFileSync(`${root}/data.json`, 'utf8')
  hono.use(compress({ encoding: 'gzip' })) // Compression Streams have no level: it is zlib's own, 6
  hono.get('/data.json', (c) => c.body(json, 200, { 'Content-Type': 'application/json' }))
}

const tls = cert && { cert: readFileSync(cert), key: readFileSync(key) }
const createServer = http2
  ? tls
    ? createSecureServer
    : createHttp2Server
  : tls
    ? createTlsServer
    : undefined
const server = serve({
  fetch: hono.fetch,
  port,
  hostname: '127.0.0.1',
  ...(createServer && { createServer, serverOptions: tls ?? {} }),
})
server.keepAliveTimeout = 75_000
