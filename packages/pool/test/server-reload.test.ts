import { describe, expect, it, vi } from 'vitest'
import type { ServerPool } from '../src/index.ts'
import { findBoth, nextExit, open, start } from './line-pool.ts'

/** Holds threads back from being ready. */
class Gate {
  readonly memory = new SharedArrayBuffer(4)

  open(): void {
    const cells = new Int32Array(this.memory)
    Atomics.store(cells, 0, 1)
    Atomics.notify(cells, 0)
  }
}

const nextStarting = (pool: ServerPool): Promise<void> =>
  vi.waitFor(
    async () => expect((await pool.stats()).threads.map(({ state }) => state)).toContain('starting'),
    10_000,
  )

describe('while threads are replaced', () => {
  it.each([
    ['first', 0],
    ['last', 1],
  ])('a crash of the %s old one leaves as many threads as before, all of them new', async (_, place) => {
    const pool = await start('transfer')
    const clients = await findBoth(pool)
    const ids = await Promise.all(clients.map(async (client) => (await client.ask('id')).id))
    const victim = clients[ids.indexOf(ids.toSorted((a, b) => a - b)[place]!)]!
    const gate = new Gate()
    const reloading = pool.reload({ data: { version: 'b', gate: gate.memory }, grace: 100 })
    await nextStarting(pool)
    const exit = nextExit(pool)
    victim.ask('exit 1').catch(() => undefined)
    await exit
    gate.open()
    await reloading
    await vi.waitFor(
      async () => {
        const { threads } = await pool.stats()
        expect(threads.every(({ state }) => state === 'serving')).toBe(true)
        expect(threads).toHaveLength(2)
      },
      { timeout: 10_000 },
    )
    for (const client of await findBoth(pool)) expect((await client.ask('last')).version).toBe('b')
    expect((await pool.stats()).threads).toHaveLength(2)
  })

  it('a crash of one whose successor then does not start is made good with what was before', async () => {
    const pool = await start('transfer')
    const [victim] = await findBoth(pool)
    const gate = new Gate()
    const data = { version: 'b', gate: gate.memory, failToStart: true }
    const reloading = pool.reload({ data }).catch((error: unknown) => error)
    await nextStarting(pool)
    const exit = nextExit(pool)
    victim!.ask('exit 1').catch(() => undefined)
    await exit
    gate.open()
    expect(await reloading).toMatchObject({ code: 'ERR_POOL_SERVER_START' })
    for (const client of await findBoth(pool)) expect((await client.ask('last')).version).toBe('a')
    expect((await pool.stats()).threads).toHaveLength(2)
  })

  it('close() ends the new one before it serves, lets the old ones drain, and fails the reload', async () => {
    const pool = await start('transfer')
    const clients = await findBoth(pool)
    const gate = new Gate()
    const reloading = pool
      .reload({ data: { version: 'b', gate: gate.memory } })
      .catch((error: unknown) => error)
    await nextStarting(pool)
    const closing = pool.close()
    const replies = await Promise.all(clients.map((client) => client.ask('last')))
    expect(replies.map(({ version }) => version)).toEqual(['a', 'a'])
    expect(await closing).toEqual({ cut: 0 })
    expect(await reloading).toMatchObject({ code: 'ERR_POOL_CLOSED' })
    expect((await pool.stats()).threads).toEqual([])
    gate.open()
  })

  it('close() at the moment a new one serves starts no more', async () => {
    const pool = await start('transfer')
    const closing = new Promise((resolve) => {
      pool.once('threadReady', () => resolve(pool.close({ grace: 0 })))
    })
    const reloading = pool.reload({ data: { version: 'b' } }).catch((error: unknown) => error)
    await closing
    expect(await reloading).toMatchObject({ code: 'ERR_POOL_CLOSED' })
    expect((await pool.stats()).threads).toEqual([])
  })

  it('close() asks a thread that drains already for nothing more', async () => {
    const pool = await start('transfer', { threads: 1 })
    const drains: number[] = []
    pool.on('message', ({ id, value }) => {
      if (value === 'drain') drains.push(id)
    })
    const client = open(pool)
    const { id } = await client.ask('id')
    const reloading = pool.reload({ data: { version: 'b' } }).catch((error: unknown) => error)
    await vi.waitFor(() => expect(drains).toEqual([id]), { timeout: 10_000 })
    const closing = pool.close()
    expect((await client.ask('last')).version).toBe('a')
    await closing
    await reloading
    expect(drains.filter((drained) => drained === id)).toEqual([id])
  })

  it('close() with less grace is not held up by a reload with more', async () => {
    const pool = await start('transfer', { threads: 1 })
    const client = open(pool)
    await client.ask('id')
    const reloading = pool
      .reload({ data: { version: 'b' }, grace: 3_600_000 })
      .catch((error: unknown) => error)
    await vi.waitFor(
      async () =>
        expect((await pool.stats()).threads.map(({ state }) => state)).toEqual(['draining', 'serving']),
      { timeout: 10_000 },
    )
    expect(await pool.close({ grace: 50 })).toEqual({ cut: 1 })
    await client.closed
    await reloading
  })
})

it.each(['transfer', 'cluster'] as const)(
  '%s: data that cannot be cloned fails the reload, and nothing else',
  async (strategy) => {
    const pool = await start(strategy)
    const failure = pool.reload({ data: { version: 'b', callback: () => undefined } })
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_POOL_SERVER_START',
      cause: { message: /could not be cloned/ as unknown },
    })
    for (const client of await findBoth(pool)) expect((await client.ask('last')).version).toBe('a')
    expect((await pool.stats()).threads).toHaveLength(2)
  },
)
