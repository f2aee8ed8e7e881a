// How long a plain hello takes while clients fetch large answers that nobody has compressed before. After a build:
//   pnpm exec node packages/compress/bench/hello-beside.ts [rounds] [seconds] [clients] [kind…]
// Kinds are a coding and how the body comes, as `br-bytes`, `gzip-stream` or `zstd-pauses` (a stream that waits for more);
// `foreign` is no fetching clients at all, but as many busy processes as there are streams compressed at a time. With
// `@other` behind them (`br-stream@other`) the clients fetch from another process of the same server: what hello then waits
// for is a processor, not an event loop. Servers, fetching clients and whoever asks for hello are a process each, on all
// processors; rounds are quiet, loaded, quiet, loaded, and so on, and a ratio is to the mean of the quiet before and after.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { availableParallelism, setPriority } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const BODY_BYTES = 5 * 1024 * 1024
const PIECE_BYTES = 64 * 1024
const KINDS = ['gzip', 'br', 'zstd'].flatMap((coding) => [`${coding}-bytes`, `${coding}-stream`])
KINDS.push('br-stream@other', 'foreign')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const role = process.env['HELLO_BESIDE'] ?? 'main'

if (role === 'server') await serve()
else if (role === 'clients')
  fetchOn(Number(process.argv[2]), process.argv[3] as string, Number(process.argv[4]))
else if (role === 'prober') probe(Number(process.argv[2]))
else if (role === 'busy') for (;;);
else await main()

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 5)
  const seconds = Number(process.argv[3] ?? 2)
  const clients = Number(process.argv[4] ?? 20)
  const given = process.argv.slice(5)
  const kinds = given.length > 0 ? given : KINDS
  const server = start('server')
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  const other = start('server')
  const [{ port: otherPort }] = (await once(other, 'message')) as [{ port: number }]
  const prober = start('prober', [String(port)])
  await once(prober, 'message')
  const run = async (): Promise<Sample> => {
    server.send('start')
    prober.send(seconds)
    const [latency] = (await once(prober, 'message')) as [{ p50: number; p99: number; count: number }]
    server.send('stop')
    const [inside] = (await once(server, 'message')) as [{ loop: number; fetched: number }]
    return { ...latency, ...inside }
  }
  await run() // warm-up
  const results = new Map<string, { loaded: Sample[]; ratios: number[] }>(
    kinds.map((kind) => [kind, { loaded: [], ratios: [] }]),
  )
  const quiets: Sample[] = [await run()]
  try {
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) {
        const load = startLoad(kind, kind.endsWith('@other') ? otherPort : port, clients)
        await pause(500)
        const loaded = await run()
        for (const child of load) child.kill('SIGKILL')
        await Promise.all(load.map((child) => once(child, 'exit')))
        await pause(300)
        const before = quiets.at(-1) as Sample
        const after = await run()
        quiets.push(after)
        results.get(kind)?.loaded.push(loaded)
        results.get(kind)?.ratios.push(loaded.p99 / ((before.p99 + after.p99) / 2))
      }
    }
  } finally {
    for (const child of [server, other, prober]) child.kill()
  }
  console.log(`quiet: ${describe(quiets)}`)
  for (const [kind, { loaded, ratios }] of results)
    console.log(`${kind}: ${describe(loaded)}; p99 × ${spread(ratios)} of quiet`)
}

interface Sample {
  p50: number
  p99: number
  count: number
  loop: number
  fetched: number
}

function startLoad(kind: string, port: number, clients: number): ChildProcess[] {
  if (kind !== 'foreign') return [start('clients', [String(port), kind, String(clients)])]
  return Array.from({ length: Math.max(1, availableParallelism() - 1) }, () => start('busy'))
}

function describe(samples: Sample[]): string {
  const p50 = spread(samples.map((sample) => sample.p50))
  const p99 = spread(samples.map((sample) => sample.p99))
  const loop = spread(samples.map((sample) => sample.loop))
  const fetched = samples.reduce((sum, sample) => sum + sample.fetched, 0) / samples.length / BODY_BYTES
  return `p50 ${p50} ms, p99 ${p99} ms, event loop's p99 ${loop} ms, ${fetched.toFixed(1)} bodies a round`
}

function start(name: string, args: string[] = []): ChildProcess {
  return fork(import.meta.filename, args, { env: { ...process.env, HELLO_BESIDE: name } })
}

async function serve(): Promise<void> {
  const load = (name: string) => import(new URL(`../../${name}/dist/index.js`, import.meta.url).href)
  const [{ createServer }, { compose, HttpResponse, respond }, { compress }] = await Promise.all(
    ['engine', 'http', 'compress'].map(load),
  )
  const base = jsonText()
  let made = 0
  let fetched = 0
  const headers = { 'Content-Type': 'application/json' }
  /** Never the same twice, and hardly any work. */
  const freshPiece = (bytes: number): Buffer => {
    const from = (made++ * 977) % (base.length - bytes)
    fetched += bytes
    return base.subarray(from, from + bytes)
  }
  async function* stream(pauses: boolean): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < BODY_BYTES; at += PIECE_BYTES) {
      if (pauses) await pause(1)
      yield freshPiece(PIECE_BYTES)
    }
  }
  const server = createServer(
    compose([compress()], (request: { target: string }) => {
      if (request.target === '/hello') return respond.text('Hello, World!')
      const isWhole = request.target === '/bytes'
      const body = isWhole ? freshPiece(BODY_BYTES) : stream(request.target === '/pauses')
      return new HttpResponse(body, { headers })
    }),
  )
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  process.on('message', (message) => {
    if (message === 'start') {
      delay.reset()
      delay.enable()
      fetched = 0
    } else {
      delay.disable()
      process.send?.({ loop: delay.percentile(99) / 1e6, fetched })
    }
  })
  process.send?.({ port })
}

/** Lines of an API's answer: half again as long as a body, so that bodies begin everywhere. */
function jsonText(): Buffer {
  let text = ''
  for (let id = 0; text.length < BODY_BYTES * 1.5; id++) {
    text += JSON.stringify({
      id,
      name: `item number ${id}`,
      price: ((id * 7919) % 10_007) / 100,
      ok: id % 3 === 0,
    })
  }
  return Buffer.from(text)
}

/** So many clients, each of which asks again as soon as it has its answer. */
function fetchOn(port: number, kind: string, clients: number): void {
  const [coding, way] = (kind.split('@')[0] as string).split('-') as [string, string]
  const head = `GET /${way} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${coding === 'plain' ? 'identity' : coding}\r\n\r\n`
  for (let client = 0; client < clients; client++) {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write(head))
    // The last chunk's mark stands at the end of a packet, or the next answer is asked for by the next one's.
    socket.on('data', (packet: Buffer) => {
      if (isEnd(packet)) socket.write(head)
    })
  }
}

function isEnd(packet: Uint8Array): boolean {
  return Buffer.compare(packet.subarray(-LAST_CHUNK.length), LAST_CHUNK) === 0
}

/** One hello every millisecond, on one of eight connections, whether or not the ones before were answered. */
function probe(port: number): void {
  try {
    // It shall measure how late the server is, not how late it is itself. Only root may.
    setPriority(-15)
  } catch {
    console.log('(the prober runs at normal priority: its own delays are measured too)')
  }
  const head = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'
  let times: number[] = []
  const connections = Array.from({ length: 8 }, () => {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
    const connection = { socket, since: 0 }
    socket.on('data', (packet: Buffer) => {
      if (!packet.includes('Hello, World!')) throw new Error(packet.toString())
      times.push(performance.now() - connection.since)
      connection.since = 0
    })
    return connection
  })
  process.on('message', async (seconds: number) => {
    times = []
    const until = performance.now() + seconds * 1000
    while (performance.now() < until) {
      const free = connections.find(({ since }) => since === 0)
      if (free !== undefined) {
        free.since = performance.now()
        free.socket.write(head)
      }
      await pause(1)
    }
    times.sort((a, b) => a - b)
    const at = (part: number): number => times[Math.floor(times.length * part)] as number
    process.send?.({ p50: at(0.5), p99: at(0.99), count: times.length })
  })
  process.send?.('ready')
}

function spread(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const format = (value: number | undefined): string => (value as number).toFixed(2)
  return `${format(sorted[sorted.length >> 1])} (${format(sorted[0])}–${format(sorted.at(-1))})`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
