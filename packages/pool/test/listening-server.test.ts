import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { askOnce, Client, nextExit, nextReady, start } from './line-pool.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Listens, and answers each line with `here` until the threads are there. */
async function answeringServer(): Promise<{ server: Server; heard: () => number }> {
  let heard = 0
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    heard++
    socket.on('error', () => undefined).on('data', () => socket.write('{"id":"here"}\n'))
    socket.resume()
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, heard: () => heard }
}

const ask = async (server: Server): Promise<unknown> => {
  const client = new Client(connect((server.address() as AddressInfo).port, '127.0.0.1'))
  try {
    return (await client.ask('id')).id
  } finally {
    client.socket.destroy()
  }
}

describe.each(['transfer', 'cluster'] as const)('a server that listens already, with %s', (strategy) => {
  it('answers until a thread does, and from then on hears of no connection', async () => {
    const { server, heard } = await answeringServer()
    const early = new Client(connect((server.address() as AddressInfo).port, '127.0.0.1'))
    expect((await early.ask('id')).id).toBe('here')
    const pool = await start(strategy, { listen: { server, allowHalfOpen: true }, startWith: 0 })
    expect(await ask(server)).toBe('here') // no thread is there yet
    await nextReady(pool)
    const before = heard()
    for (let n = 0; n < 8; n++) expect(await askOnce(pool)).toMatchObject({ strategy, half: true })
    expect(heard()).toBe(before)
    expect((await early.ask('id')).id).toBe('here') // what it had stays with it
    early.socket.destroy()
    await pool.close()
    expect(server.listening).toBe(false)
  })

  it('loses no connection when the threads take over', async () => {
    const { server } = await answeringServer()
    let asking = true
    const answeredBy = new Set<unknown>()
    const clients = Array.from({ length: 4 }, async () => {
      while (asking) answeredBy.add(await ask(server))
    })
    await start(strategy, { listen: { server }, startWith: 0 })
    await vi.waitFor(() => expect([...answeredBy].toSorted()).toEqual([1, 2, 'here']), { timeout: 15_000 })
    asking = false
    await Promise.all(clients)
  })
})

it('a server that listens already goes on while no thread comes up, and each is tried again', async () => {
  const { server } = await answeringServer()
  const data = { version: 'a', failToStart: true }
  const pool = await start('auto', { listen: { server }, startWith: 0, threads: 1, data })
  for (let n = 0; n < 2; n++) {
    expect(await nextExit(pool)).toMatchObject({ reason: 'crashed', error: { name: 'RangeError' } })
    expect(await ask(server)).toBe('here')
  }
})

it('a server that listens already is taken over at once where threads serve before the start is over', async () => {
  const { server, heard } = await answeringServer()
  const pool = await start('auto', { listen: { server } })
  expect(await askOnce(pool)).toMatchObject({ version: 'a' })
  expect(heard()).toBe(0)
})
