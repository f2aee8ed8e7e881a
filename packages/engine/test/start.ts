import type { Handler } from '@tsws/http'
import { connectRaw, listenOnFreePort, testCertificate } from '@tsws/testing'
import type { RawConnection, RawOptions } from '@tsws/testing'
import { createServer as createTlsServer } from 'node:tls'
import type { Clock } from '../src/clock.ts'
import { createServer } from '../src/index.ts'
import type { EngineOptions, HttpServer } from '../src/index.ts'

export interface Started extends AsyncDisposable {
  server: HttpServer
  port: number
  connect(options?: RawOptions): Promise<RawConnection>
}

/** A server on a free port, cut at the end of the test. */
export async function start(handler: Handler, options?: EngineOptions): Promise<Started> {
  const server = createServer(handler, { directSockets: !process.env['TSWS_TEST_STREAMS'], ...options })
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const port = 'port' in address ? address.port : 0
  const open: RawConnection[] = []
  return {
    server,
    port,
    async connect(connectOptions) {
      const connection = await connectRaw(port, connectOptions)
      open.push(connection)
      return connection
    },
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.destroy()
      await server.close({ grace: 0 })
    },
  }
}

/** The same with a clock that the test turns. */
export async function startTimed(
  handler: Handler,
  options: EngineOptions,
): Promise<Started & { clock: ManualClock }> {
  const clock = new ManualClock()
  return Object.assign(await start(handler, { ...options, clock }), { clock })
}

/** The same over TLS; `connect` speaks it. */
export async function startTls(handler: Handler, options?: EngineOptions): Promise<Started> {
  const server = createServer(handler, options)
  const listener = createTlsServer({ ...testCertificate(), allowHalfOpen: true, noDelay: true })
  const { port, close } = await listenOnFreePort(listener)
  server.addListener({ server: listener, event: 'secureConnection', encrypted: true })
  const open: RawConnection[] = []
  return {
    server,
    port,
    async connect(connectOptions) {
      const connection = await connectRaw(port, { tls: true, ...connectOptions })
      open.push(connection)
      return connection
    },
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.destroy()
      await server.close({ grace: 0 })
      await close()
    },
  }
}

/** A clock that stands still until a test turns it. */
export class ManualClock implements Clock {
  #now = 1000
  readonly #callbacks = new Set<() => void>()

  now(): number {
    return this.#now
  }

  every(_period: number, callback: () => void): () => void {
    this.#callbacks.add(callback)
    return () => this.#callbacks.delete(callback)
  }

  /** Moves on by so many milliseconds and lets the server look at it. */
  turn(ms: number): void {
    this.#now += ms
    for (const callback of this.#callbacks) callback()
  }
}

/** Resolves when a condition holds; fails after five seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited 5 s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Lets the server see what was just sent. */
export function aMoment(ms = 30): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
