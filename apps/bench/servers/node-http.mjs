import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSecureServer, createServer as createHttp2Server } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { gzip } from 'node:zlib'

const { app, port, root, cert, key, http2, workers } = JSON.parse(process.env.BENCH_SERVER)

const apps = {
  hello(request, response) {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8')
    response.end('Hello, World!')
  },
  echo(request, response) {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))
      response.setHeader('Content-Type', 'application/json')
      response.setHeader('Content-Length', Buffer.byteLength(body))
      response.end(body)
    })
  },
  'compress-json'(request, response) {
    gzip(json, { level: 6 }, (error, body) => {
      response.setHeader('Content-Type', 'application/json')
      response.setHeader('Content-Encoding', 'gzip')
      response.setHeader('Content-Length', body.length)
      response.end(body)
    })
  },
  'compress-json-6': (request, response) => apps['compress-json'](request, response),
  compress(request, response) {
    gzip(text, (error, body) => {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8')
      response.setHeader('Content-Encoding', 'gzip')
      response.setHeader('Content-Length', body.length)
      response.end(body)
    })
  },
}
const json = app.startsWith('compress-json') ? readFileSync(`${root}/data.json`, 'utf8') : ''
const text = app === 'compress' ? readFileSync(`${root}/text.txt`, 'utf8') : ''

function create() {
  const tls = cert && { cert: readFileSync(cert), key: readFileSync(key) }
  if (http2) return tls ? createSecureServer(tls, apps[app]) : createHttp2Server(apps[app])
  return tls ? createTlsServer(tls, apps[app]) : createServer(apps[app])
}

if (workers > 1 && cluster.isPrimary) {
  for (let count = 0; count < workers; count++) cluster.fork()
} else {
  const server = create()
  server.keepAliveTimeout = 75_000
  server.listen(port, '127.0.0.1', 1024)
}
