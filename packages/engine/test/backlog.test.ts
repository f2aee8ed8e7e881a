import { startCommand } from '@tsws/testing'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { until } from './start.ts'

const PROGRAM = fileURLToPath(new URL('backlog-server.ts', import.meta.url))

/** Connections at once: more than Node's own 511 have room. */
const BURST = 1000

test.runIf(allowed() > BURST)(
  'a burst of connections waits with the kernel while the server is busy, and none has to knock twice',
  async () => {
    await using command = startCommand([process.execPath, '--conditions=@tsws/source', PROGRAM])
    const port = Number(/port (\d+)/.exec(await command.line(/^port/))?.[1])
    const clients: Socket[] = []
    let connected = 0
    process.kill(command.process.pid as number, 'SIGSTOP')
    try {
      for (let count = 0; count < BURST; count++) {
        clients.push(connect({ port, host: '127.0.0.1' }, () => connected++).on('error', () => {}))
      }
      await until(() => connected === BURST, 'all to be connected')
      expect(connected).toBe(BURST)
    } finally {
      process.kill(command.process.pid as number, 'SIGCONT')
      for (const client of clients) client.destroy()
    }
  },
)

/** The longest backlog that this system allows; 0 where it does not say. */
function allowed(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'))
  } catch {
    return 0
  }
}
