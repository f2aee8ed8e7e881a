// node bench/server-under-test.mjs none|transfer|reusePort|cluster THREADS: prints its port, and its CPU time when asked.
import { createServer } from 'node:net'
import { ServerPool } from '../src/index.ts'
import { serve } from './server-thread.mjs'

const [strategy, threads] = process.argv.slice(2)
let pool
let port
if (strategy === 'none') {
  const server = createServer(serve)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = server.address().port
} else {
  pool = await ServerPool.start(new URL('./server-thread.mjs', import.meta.url), {
    strategy,
    threads: Number(threads),
    listen: { port: 0, host: '127.0.0.1' },
  })
  port = pool.addresses[0].port
}
process.send({ port })
process.on('message', async () => {
  let { user, system } = process.cpuUsage() // of all threads of this process
  if (strategy === 'cluster') {
    for (const { own } of (await pool.stats()).threads) {
      user += own.user
      system += own.system
    }
  }
  process.send({ cpu: user + system })
})
process.on('disconnect', () => process.exit())
