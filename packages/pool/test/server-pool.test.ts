import { mkdtemp } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { testCertificate } from '@tsws/testing'
import { describe, expect, it, vi } from 'vitest'
import {
  askOnce,
  Client,
  findBoth,
  nextExit,
  nextReady,
  open,
  portOf,
  start,
  untilOpen,
} from './line-pool.ts'

describe.each(['transfer', 'reusePort', 'cluster'] as const)('the strategy %s', (strategy) => {
  it('serves connections on all threads', async () => {
    const pool = await start(strategy)
    expect(pool.strategy).toBe(strategy)
    const clients = await findBoth(pool)
    const replies = await Promise.all(clients.map((client) => client.ask('id')))
    expect(new Set(replies.map(({ id }) => id)).size).toBe(2)
    expect(new Set(replies.map(({ pid }) => pid)).size).toBe(strategy === 'cluster' ? 2 : 1)
    expect(replies[0]!.strategy).toBe(strategy)
    for (const client of clients) client.socket.destroy()
  })

  it('listens on several addresses, TLS among them, with the socket options of each', async () => {
    const tls = testCertificate()
    const pool = await start(strategy, {
      listen: [
        { port: 0, host: '127.0.0.1', allowHalfOpen: true },
        { port: 0, host: '127.0.0.1' },
      ],
      data: { version: 'a', tls },
    })
    const plain = await askOnce(pool)
    expect(plain.half).toBe(true)
    for (let n = 0; n < 4; n++) {
      const secure = new Client(
        connectTls({ port: portOf(pool, 1), host: '127.0.0.1', ca: tls.cert, servername: 'localhost' }),
      )
      expect(await secure.ask('id')).toMatchObject({ strategy, half: false })
      secure.socket.destroy()
    }
  })

  const faults: [string, string, RegExp][] = [
    ['exits', 'exit 3', strategy === 'cluster' ? /exit\(3\)/ : /exit\(3\)/],
    ['throws', 'throw', strategy === 'cluster' ? /exit\(1\)/ : /thrown by a connection/],
  ]
  for (const [what, command, message] of faults) {
    it(`replaces a thread that ${what}, which loses its own connections only`, async () => {
      const pool = await start(strategy)
      const [victim, other] = await findBoth(pool)
      const { id } = await victim!.ask('id')
      await untilOpen(pool, 2)
      const exit = nextExit(pool)
      const ready = nextReady(pool)
      victim!.ask(command).catch(() => undefined)
      expect(await exit).toMatchObject({
        id,
        reason: 'crashed',
        connections: 1,
        error: { message: message as unknown },
      })
      await victim!.closed
      expect((await other!.ask('id')).id).not.toBe(id)
      if (strategy !== 'reusePort') expect((await askOnce(pool)).version).toBe('a') // the listener never closed
      await ready
      await findBoth(pool)
      expect((await pool.stats()).crashed).toBe(1)
    })
  }

  it('replaces a thread that hangs', async () => {
    const pool = await start(strategy, { heartbeatInterval: 50, heartbeatTimeout: 3000 })
    const [victim, other] = await findBoth(pool)
    const { id } = await victim!.ask('id')
    const exit = nextExit(pool)
    const ready = nextReady(pool)
    victim!.ask('hang').catch(() => undefined)
    expect(await exit).toMatchObject({ id, reason: 'hung', error: { message: /No heartbeat/ as unknown } })
    await victim!.closed
    expect((await other!.ask('id')).id).not.toBe(id)
    await ready
  })

  const reloads = strategy === 'transfer' ? 20 : 5
  it(`reloads ${reloads} times under short connections without one failing`, async () => {
    const pool = await start(strategy)
    let going = true
    let answered = 0
    const versions = new Set<string>()
    const failures: unknown[] = []
    const client = async (): Promise<void> => {
      while (going) {
        await askOnce(pool).then(
          ({ version }) => {
            answered++
            versions.add(version)
          },
          (error: unknown) => failures.push(error),
        )
      }
    }
    const clients = Array.from({ length: 8 }, client)
    for (let round = 1; round <= reloads; round++) await pool.reload({ data: { version: `v${round}` } })
    going = false
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(20)
    expect(await askOnce(pool)).toMatchObject({ version: `v${reloads}` })
    expect((await pool.stats()).threads.map(({ state }) => state)).toEqual(['serving', 'serving'])
  }, 60_000)

  it('lets old connections finish on reload', async () => {
    const pool = await start(strategy)
    const [first, second] = await findBoth(pool)
    const reloading = pool.reload({ data: { version: 'b' }, grace: 3_600_000 })
    await vi.waitFor(async () => expect(await askOnce(pool)).toMatchObject({ version: 'b' }), {
      timeout: 15_000,
    })
    const replies = await Promise.all([first!.ask('last'), second!.ask('last')])
    expect(replies.map(({ version }) => version)).toEqual(['a', 'a'])
    await reloading
    expect((await pool.stats()).threads).toHaveLength(2)
  })

  it('serves with the first thread while the second starts, and leaves none behind when it is reloaded then', async () => {
    const pool = await start(strategy, { startWith: 1 })
    expect((await pool.stats()).threads.filter(({ state }) => state === 'serving')).toHaveLength(1)
    expect(await askOnce(pool)).toMatchObject({ version: 'a' })
    await new Promise((resolve) => setTimeout(resolve, 5)) // the second is on its way, with what was
    await pool.reload({ data: { version: 'b' } })
    for (const client of await findBoth(pool)) expect((await client.ask('last')).version).toBe('b')
  })

  it('keeps the old threads when the new configuration does not start', async () => {
    const pool = await start(strategy)
    await expect(pool.reload({ data: { version: 'b', failToStart: true } })).rejects.toMatchObject({
      code: 'ERR_POOL_SERVER_START',
      cause: { name: 'RangeError', message: 'this configuration does not start' },
    })
    expect(await askOnce(pool)).toMatchObject({ version: 'a' })
    expect((await pool.stats()).threads).toHaveLength(2)
  })

  it('drains on close: answers what is under way, cuts what outlasts the grace, listens no more', async () => {
    const pool = await start(strategy)
    const [polite, stubborn] = await findBoth(pool)
    const port = portOf(pool)
    const closing = pool.close({ grace: 3_600_000 })
    await expect(polite!.ask('last')).resolves.toMatchObject({ version: 'a' })
    await untilOpen(pool, 1)
    await pool.close({ grace: 0 }) // now it is over
    expect(await closing).toEqual({ cut: 1 })
    await stubborn!.closed
    const late = new Client(connect(port, '127.0.0.1'))
    await expect(late.ask('id')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('tells its figures and carries messages both ways', async () => {
    const pool = await start(strategy)
    const clients = await findBoth(pool)
    const { threads, connections, accepted, heap } = await vi.waitFor(async () => {
      const stats = await pool.stats() // without its own figures where a thread took too long to tell
      expect(stats.threads.map(({ own }) => own !== undefined)).toEqual([true, true])
      return stats
    }, 15_000)
    expect(heap).toBe(threads.reduce((sum, thread) => sum + thread.heap!, 0))
    expect(threads.map(({ own }) => (own as { served: number }).served > 0)).toEqual([true, true])
    expect(
      threads.every(({ heap, utilisation }) => heap! > 0 && utilisation! >= 0 && utilisation! <= 1),
    ).toBe(true)
    expect(connections).toBeGreaterThanOrEqual(2)
    expect(accepted).toBeGreaterThanOrEqual(connections)
    const values: unknown[] = []
    pool.on('message', ({ value }) => values.push(value))
    pool.broadcast('hello')
    expect(threads.map(({ id }) => pool.send(id, `to ${id}`))).toEqual([true, true])
    expect(pool.send(4711, 'nobody')).toBe(false)
    await clients[0]!.ask('send word')
    await vi.waitFor(
      () =>
        expect(values).toEqual(
          expect.arrayContaining([
            { echo: 'hello' },
            { echo: 'hello' },
            'word',
            ...threads.map(({ id }) => ({ echo: `to ${id}` })),
          ]),
        ),
      15_000,
    )
  })

  it('fails to start with the cause when a thread does', async () => {
    const failing = start(strategy, { data: { version: 'a', failToStart: true } })
    await expect(failing).rejects.toMatchObject({
      code: 'ERR_POOL_SERVER_START',
      cause: { name: 'RangeError' },
    })
  })

  it('fails to start when another program has the port', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(start(strategy, { listen: { port, host: '127.0.0.1' } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    server.close()
  })
})

describe('with handed-over sockets', () => {
  it.each(['transfer', 'cluster'] as const)(
    '%s gives a connection to the thread with fewest',
    async (strategy) => {
      // One that is starved of its core is not to be passed over here.
      const pool = await start(strategy, { heartbeatInterval: 60_000, heartbeatTimeout: 120_000 })
      const clients = Array.from({ length: 8 }, () => open(pool))
      const ids = (await Promise.all(clients.map((client) => client.ask('id')))).map(({ id }) => id)
      expect(ids.filter((id) => id === ids[0])).toHaveLength(4)
      const [one] = ids
      for (const [index, client] of clients.entries()) if (ids[index] === one) client.socket.destroy()
      await untilOpen(pool, 4)
      const more = Array.from({ length: 4 }, () => open(pool))
      for (const { id } of await Promise.all(more.map((client) => client.ask('id')))) expect(id).toBe(one)
      for (const client of [...clients, ...more]) client.socket.destroy()
    },
  )

  it.each(['transfer', 'cluster'] as const)(
    '%s holds connections while its only thread is replaced',
    async (strategy) => {
      const pool = await start(strategy, { threads: 1 })
      const victim = open(pool)
      victim.ask('exit 1').catch(() => undefined)
      await victim.closed
      const replies = await Promise.all(Array.from({ length: 5 }, () => askOnce(pool)))
      expect(replies.every(({ version }) => version === 'a')).toBe(true)
    },
  )
})

it('a second close without grace cuts what the first still waits for', async () => {
  const pool = await start('transfer')
  const client = open(pool)
  await client.ask('id')
  const closing = pool.close({ grace: 3_600_000 })
  await pool.close({ grace: 0 })
  expect(await closing).toEqual({ cut: 1 })
  await client.closed
})

it('a Unix socket is served by processes', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'tsws-pool-')), 'socket')
  const pool = await start('auto', { listen: { path } })
  expect(pool.strategy).toBe('cluster')
  const client = new Client(connect(path))
  expect(await client.ask('last')).toMatchObject({ version: 'a', strategy: 'cluster' })
})
