import { createServer } from '@tsws/engine'
import { HttpError, respond } from '@tsws/http'

export const server = createServer(
  async (request) => {
    if (request.pathname === '/hello') return respond.text('Hello, World!')
    if (request.pathname === '/upper') return respond.text((await request.text()).toUpperCase())
    throw new HttpError(404, 'there is only /hello and /upper')
  },
  {
    maxBodyBytes: 1_000_000,
    headTimeout: 10_000,
    observer: {
      onResponse: ({ request, status, durationMs }) =>
        process.stdout.write(`${request?.target ?? '-'} ${status} ${durationMs.toFixed(1)} ms\n`),
    },
  },
)

export const address = await server.listen({ host: '127.0.0.1', port: 0 })

/** On SIGTERM: no new connections, what is in flight finishes, after five seconds the rest is cut. */
export const stop = () => server.close({ grace: 5_000 })
