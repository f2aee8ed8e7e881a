// echo.ts
import { ServerPool } from '@tsws/pool'

const server = await ServerPool.start(new URL('./echo-thread.ts', import.meta.url), {
  listen: { port: 0, host: '127.0.0.1' },
  threads: 2,
  data: { greeting: 'hello' },
})
console.log(`${server.strategy} on ${server.size} threads`, server.addresses)

server.on('threadExit', ({ id, reason, error }) =>
  console.error(`thread ${id} ${reason}`, error?.message ?? ''),
)
process.on('SIGHUP', () => void server.reload({ data: { greeting: 'good day' } }))
process.on('SIGTERM', () => void server.close({ grace: 5000 }))
