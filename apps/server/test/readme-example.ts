import { respond } from '@tsws/http'
import { startServer } from '@tsws/server'

// Files of ./dist, and one answer of our own before them.
export const server = await startServer({
  root: './dist',
  port: 0,
  middleware: [
    (request, next) => (request.pathname === '/hello' ? respond.text('Hello, World!') : next(request)),
  ],
})

console.log(`listening on ${server.scheme}://${server.host}:${server.port}/`)
