import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, vi } from 'vitest'
import { ServerPool } from '../src/index.ts'
import type { SeatEndReason, ServerPoolOptions, Strategy } from '../src/index.ts'

const url = new URL('./fixtures/line-server.ts', import.meta.url)
const opened: ServerPool[] = []
/** Two threads of the line server, closed after the test. */
export const start = async (
  strategy: Strategy | 'auto',
  options: Partial<ServerPoolOptions> = {},
): Promise<ServerPool> => {
  const pool = await ServerPool.start(url, {
    strategy,
    threads: 2,
    listen: { port: 0, host: '127.0.0.1' },
    data: { version: 'a' },
    handoverTime: 50,
    ...options,
  })
  opened.push(pool)
  return pool
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((pool) => pool.close({ grace: 0 })))
})

export interface Reply {
  readonly id: number
  readonly version: string
  readonly strategy: Strategy
  readonly pid: number
  readonly half: boolean
}

/** A client that sends a line and reads a line. */
export class Client {
  readonly socket: Socket
  readonly closed: Promise<void>
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = []
  #text = ''

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('data', (chunk) => {
      const lines = (this.#text + chunk.toString()).split('\n')
      this.#text = lines.pop()!
      for (const line of lines) this.#waiting.shift()?.resolve(JSON.parse(line) as Reply)
    })
    let failure = new Error('the connection was closed without an answer')
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(failure)
    })
  }

  ask(line: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.socket.write(`${line}\n`)
    })
  }
}

export const portOf = (pool: ServerPool, listener = 0): number =>
  (pool.addresses[listener] as AddressInfo).port
export const open = (pool: ServerPool): Client => new Client(connect(portOf(pool), '127.0.0.1'))
export const askOnce = async (pool: ServerPool, line = 'last'): Promise<Reply> => {
  const client = open(pool)
  try {
    return await client.ask(line)
  } finally {
    client.socket.destroy()
  }
}
/** Connects until each thread has answered: the kernel spreads as it likes. */
export const findBoth = async (pool: ServerPool): Promise<Client[]> => {
  const byId = new Map<number, Client>()
  await vi.waitFor(
    async () => {
      const client = open(pool)
      const { id } = await client.ask('id')
      if (byId.has(id)) client.socket.destroy()
      else byId.set(id, client)
      expect(byId.size).toBe(2)
    },
    { timeout: 15_000, interval: 1 },
  )
  return [...byId.values()]
}
export const nextExit = (
  pool: ServerPool,
): Promise<{ id: number; reason: SeatEndReason; connections: number; error?: Error }> =>
  new Promise((resolve) => pool.once('threadExit', resolve))
export const nextReady = (pool: ServerPool): Promise<{ id: number }> =>
  new Promise((resolve) => pool.once('threadReady', resolve))
/** Until the pool counts so many connections: a client's end is known here before it is there. */
export const untilOpen = (pool: ServerPool, connections: number): Promise<void> =>
  vi.waitFor(async () => expect((await pool.stats()).connections).toBe(connections), { timeout: 15_000 })
