import type { HttpServer } from '@tsws/engine'
import { readCorpus, runCorpus } from '@tsws/testing'
import { once } from 'node:events'
import { connect, createServer as createNetServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer } from '../src/start-server.ts'
import { CORPUS, startCorpusServers } from './corpus-servers.ts'
import type { CorpusServers } from './corpus-servers.ts'

/** Bytes: heads and small bodies are cut everywhere; of megabytes the rest comes in larger pieces. */
const CUT_BYTES = 4096

/** Cases at once: most of a case's time is waiting for silence. */
const CONCURRENCY = 16

let servers: CorpusServers
let plain: RunningServer
let secure: RunningServer

beforeAll(async () => {
  servers = await startCorpusServers()
  ;({ plain, secure } = servers)
  for (const { engine } of [plain, secure]) await settled(engine)
})

afterAll(() => servers.close())

/** Milliseconds: longer than content has to be left alone before a better coding takes its place. */
const LEFT_ALONE = 600

/** What comes again is compressed anew, and better: from then on one answer is as long as another. */
async function settled(engine: HttpServer): Promise<void> {
  const lengths: (string | null)[] = []
  while (lengths.length < 4 || new Set(lengths.slice(-3)).size > 1) {
    const { response } = await engine.inject({ target: '/big.txt', headers: { 'Accept-Encoding': 'gzip' } })
    lengths.push(response.headers.get('content-length'))
    await sleep(LEFT_ALONE)
  }
}

/** A connection to the server, of each kind. */
const TRANSPORTS = {
  async memory(): Promise<Duplex> {
    const [outside, inside] = duplexPair()
    plain.engine.serve(inside)
    return outside
  },
  async TCP(): Promise<Duplex> {
    const socket = connect({ port: plain.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return socket
  },
  async TLS(): Promise<Duplex> {
    const options = { port: secure.port, host: '127.0.0.1', allowHalfOpen: true, rejectUnauthorized: false }
    const socket = connectTls(options)
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    return socket
  },
}

/** How many bytes of a packet of `length` go next, when `sent` of them and `before` before it have gone. */
type Cut = (sent: number, length: number, before: number) => number

const atEveryByte: Cut = (sent, _length, before) => (before + sent < CUT_BYTES ? 1 : 1000)

test.each(Object.entries(TRANSPORTS))(
  'over %s, every case of the corpus holds with its input cut at every byte',
  { timeout: 300_000 },
  (name, open) => holds(open, atEveryByte, name),
)

test.each(Object.entries(TRANSPORTS))('over %s, each piece is read on its own', async (_name, open) => {
  const newest = (): HttpServer['connections'][number] | undefined =>
    [...plain.engine.connections, ...secure.engine.connections].toSorted((one, other) => other.id - one.id)[0]
  const last = newest()?.id ?? 0
  const outside = await open()
  await expect.poll(() => newest()?.id).toBeGreaterThan(last)
  const read: (number | undefined)[] = []
  await pass(Buffer.alloc(100, 'a'), outside, 0, (sent) => {
    read.push(newest()?.bytesRead)
    return atEveryByte(sent, 100, 0)
  })
  outside.destroy()
  expect(read).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

/** Runs the corpus against a door that passes on what comes, in pieces, to a connection of its own for each. */
async function holds(open: () => Promise<Duplex>, cut: Cut, transport: string): Promise<void> {
  const door = createNetServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    passOn(socket, open, cut).catch(() => socket.destroy()) // a client that resets
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = door.address() as AddressInfo
    const report = await runCorpus({ folder: CORPUS, port, timeout: 10_000, concurrency: CONCURRENCY })
    const plainOnly = new Set(
      readCorpus(join(CORPUS, 'corpus')).flatMap((one) => (one.plain ? [one.id] : [])),
    )
    const failed = report.results
      .filter(({ id, ok }) => ok === false && !(transport === 'TLS' && plainOnly.has(id)))
      .map(({ id, why }) => `${id}: ${why?.join('; ')}`)
    expect(failed).toEqual([])
    const unrun = report.results.filter(({ skipped }) => skipped !== undefined).map(({ id }) => id)
    expect(unrun.filter((id) => !id.startsWith('tls/'))).toEqual([])
  } finally {
    door.close()
  }
}

async function passOn(socket: Socket, open: () => Promise<Duplex>, cut: Cut): Promise<void> {
  const inside = await open()
  const end = (): void => {
    socket.destroy()
    inside.destroy()
  }
  socket.on('error', end)
  inside.on('error', end)
  socket.once('close', () => inside.destroy())
  inside.once('close', () => socket.destroySoon())
  inside.pipe(socket)
  let before = 0
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    await pass(bytes, inside, before, cut)
    before += bytes.length
  }
  inside.end()
}

async function pass(bytes: Buffer, inside: Duplex, before: number, cut: Cut): Promise<void> {
  for (let sent = 0; sent < bytes.length && !inside.destroyed;) {
    const piece = bytes.subarray(sent, sent + cut(sent, bytes.length, before))
    sent += piece.length
    await new Promise<void>((resolve) => inside.write(piece, () => resolve()))
    // The first turn ends the one that it was written in; in the second it is read.
    for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve))
  }
}
