import { serve } from 'srvx'
import { staticMiddleware as serveStatic } from 'srvx/static'

const { app, port, root, cert, key } = JSON.parse(process.env.BENCH_SERVER)

const apps = {
  hello: () => new Response('Hello, World!', { headers: { 'Content-Type': 'text/plain; charset=utf-8' } }),
  echo: async (request) => Response.json(await request.json()),
  files: () => new Response('not found', { status: 404 }),
}

const server = serve({
  port,
  hostname: '127.0.0.1',
  silent: true,
  gracefulShutdown: false,
  ...(cert && { tls: { cert, key } }),
  middleware: app === 'files' ? [serveStatic({ dir: root })] : [],
  fetch: apps[app],
})
await server.ready()
server.node.server.keepAliveTimeout = 75_000
