import { describe, expect, it, vi } from 'vitest'
import type { ServerPool } from '../src/index.ts'
import { askOnce, findBoth, nextExit, nextReady, start } from './line-pool.ts'

interface Load {
  answered: number
  /** Connections that ended without the answer that was asked for. */
  lost: number
  stop(): Promise<void>
}

/** Clients that open a connection for each line, as fast as they are answered. */
function shortConnections(pool: ServerPool, clients = 8): Load {
  let going = true
  const load: Load = {
    answered: 0,
    lost: 0,
    async stop() {
      going = false
      await Promise.all(running)
    },
  }
  const client = async (): Promise<void> => {
    while (going) {
      await askOnce(pool).then(
        () => load.answered++,
        () => load.lost++,
      )
    }
  }
  const running = Array.from({ length: clients }, client)
  return load
}

const FAULTS: [what: string, command: string, reason: 'crashed' | 'hung', message: RegExp][] = [
  ['exits', 'exit 3', 'crashed', /exit\(3\)/],
  ['exits from a timer that nothing waits for', 'unref', 'crashed', /exit\(5\)/],
  ['throws what nobody catches', 'throw', 'crashed', /thrown by a connection|exit\(1\)/],
  ['runs out of memory', 'hoard', 'crashed', /memory|SIGABRT/],
  ['loops for ever', 'hang', 'hung', /No heartbeat/],
]

describe.each(['transfer', 'reusePort', 'cluster'] as const)('%s under load', (strategy) => {
  it.each(FAULTS)(
    'a thread that %s loses its own connections only',
    async (_, command, reason, message) => {
      const pool = await start(strategy, {
        heartbeatInterval: 50,
        // One that is busy running out of memory, on a machine that is busy too, is not hung.
        heartbeatTimeout: reason === 'hung' ? 3000 : 3_600_000,
        resourceLimits: { maxOldGenerationSizeMb: 32 },
      })
      const [victim, other] = await findBoth(pool)
      const { id } = await victim!.ask('id')
      const load = shortConnections(pool)
      const exit = nextExit(pool)
      const ready = nextReady(pool)
      victim!.ask(command).catch(() => undefined)
      const ended = await exit
      expect(ended).toMatchObject({ id, reason, error: { message: message as unknown } })
      await victim!.closed
      // The other thread's connection was open before, and is after.
      expect((await other!.ask('id')).id).not.toBe(id)
      await ready
      await findBoth(pool)
      await load.stop()
      // The one that asked for it is among the pool's count. Of those it had beside it, the clients lost no more than
      // the pool tells; with reusePort the kernel's queue of the thread is lost as well, which the pool cannot count.
      expect(ended.connections).toBeGreaterThanOrEqual(1)
      if (strategy !== 'reusePort') expect(load.lost).toBeLessThanOrEqual(ended.connections - 1)
      else expect(load.lost).toBeLessThanOrEqual(ended.connections - 1 + 8)
      expect(load.answered).toBeGreaterThan(0)
      expect((await pool.stats()).crashed).toBe(1)
      other!.socket.destroy()
    },
    60_000,
  )
})

describe('again and again', () => {
  it('a crash loop pauses longer and longer, and the other threads go on', async () => {
    const pool = await start('transfer')
    const pauses: (number | undefined)[] = []
    pool.on('threadExit', ({ pause }) => pauses.push(pause))
    for (let round = 1; round <= 4; round++) {
      await askOnce(pool, 'exit 1').catch(() => undefined)
      await vi.waitFor(() => expect(pauses).toHaveLength(round), { timeout: 10_000 })
      expect(await askOnce(pool)).toMatchObject({ version: 'a' })
    }
    expect(pauses).toEqual([0, 100, 200, 400])
  })
})
