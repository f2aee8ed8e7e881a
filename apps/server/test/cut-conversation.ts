import type { HttpServer } from '@tsws/engine'
import type { ConnectionInfo } from '@tsws/http'
import type { CorpusCase } from '@tsws/testing'
import { subscribe } from 'node:diagnostics_channel'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'

/** Where a case goes. */
export interface Peer {
  port: number
  tls: boolean
}

/** What is done, one after the other: bytes of one write, or something else. */
export interface Step {
  bytes?: Buffer
  waitMs?: number
  /** For an answer, or an interim one. */
  await?: true
  end?: true
  abort?: true
}

/** What a case got. */
export interface Reference {
  /** All bytes, without what changes by itself. */
  text: string
  /** The server ended its side before the client did. */
  closed: boolean
  /** How many bytes had come before the client ended its side. */
  unasked: number
  /** How many had come at each wait for an answer. */
  awaited: number[]
}

/**
 * Milliseconds. Waits are counted in looks at the sockets and not by the clock, so that a machine which stood still
 * takes nothing from them.
 */
const LOOK = 50

/** Looks without news after which an answer counts as whole. Only for the reference: the others know what has to come. */
const SETTLED = 5

/** Looks that what has to come may take. */
const PATIENCE = 400

let looks = 0
setInterval(() => looks++, LOOK).unref()

/** `yes`: over TLS only; `other`: about the handshake itself, or aborts, so that no bytes are the same. */
export function needsTls(one: CorpusCase): 'no' | 'yes' | 'other' {
  const { handshake } = [one.expect].flat()[0] as { handshake?: string }
  if (handshake !== undefined || (one.tls as { raw?: boolean } | undefined)?.raw === true) return 'other'
  return one.tls === undefined ? 'no' : 'yes'
}

/** The values of `{{NAME}}`. */
export async function variablesOf(
  one: CorpusCase,
  engine: HttpServer,
  peer: Peer,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = { PORT: String(peer.port), HOST: `127.0.0.1:${peer.port}` }
  for (const [name, { header, replace, request }] of Object.entries(one.vars ?? {})) {
    const { response } = await engine.inject(request)
    const value = response.headers.get(header) ?? ''
    variables[name] = replace === undefined ? value : value.replace(new RegExp(replace[0]), replace[1])
  }
  return variables
}

export function scriptOf(one: CorpusCase, variables: Record<string, string>): Step[] {
  return (one.chunks as (string | Record<string, unknown>)[]).map((chunk) => {
    if (typeof chunk === 'object') {
      if ('waitMs' in chunk) return { waitMs: chunk['waitMs'] as number }
      if ('awaitResponses' in chunk || 'awaitInterim' in chunk) return { await: true }
      if ('end' in chunk) return { end: true }
      if ('abort' in chunk) return { abort: true }
    }
    return { bytes: bytesOf(chunk, variables) }
  })
}

function bytesOf(chunk: unknown, variables: Record<string, string>): Buffer {
  if (typeof chunk === 'string') {
    return Buffer.from(
      chunk.replaceAll(/\{\{([A-Z0-9_]+)\}\}/g, (name, key) => variables[key] ?? name),
      'latin1',
    )
  }
  const { bytes, join, repeat, text } = chunk as {
    bytes?: string
    join?: unknown[]
    repeat?: number
    text?: string
  }
  if (join !== undefined) return Buffer.concat(join.map((part) => bytesOf(part, variables)))
  const whole = bytesOf(text ?? bytes ?? '', variables)
  return Buffer.concat(Array<Buffer>(repeat ?? 1).fill(whole))
}

/** The case as it is, with silence to tell where answers end. */
export function referenceOf(peer: Peer, one: CorpusCase, script: readonly Step[]): Promise<Reference> {
  return converse(peer, one, script, null)
}

export interface Cut {
  /** Bytes before the cut. */
  cut: number
  reference: Reference
  engine: HttpServer
}

/**
 * Talks through a case, once. What is left of it then is ended by the client: what the server says to that
 * belongs to the case.
 */
export async function converse(
  peer: Peer,
  one: CorpusCase,
  script: readonly Step[],
  cut: Cut | null,
): Promise<Reference> {
  const socket = await open(peer, one)
  const inbox = new Inbox(socket)
  const awaited: number[] = []
  let sent = 0
  let aborted = false
  for (const step of script) {
    if (inbox.state === 'reset') break
    if (step.bytes !== undefined) {
      const at = (cut?.cut ?? 0) - sent
      sent += step.bytes.length
      if (cut !== null && at > 0 && at < step.bytes.length) {
        await write(socket, step.bytes.subarray(0, at))
        await isRead(cut.engine, socket, inbox, cut.cut)
        await write(socket, step.bytes.subarray(at))
      } else await write(socket, step.bytes)
    } else if (step.waitMs !== undefined) await sleep(step.waitMs)
    else if (step.await) {
      await (cut === null ? inbox.isSilent() : inbox.has(cut.reference.awaited[awaited.length] as number))
      awaited.push(inbox.text.length)
    } else if (step.end) socket.end()
    else if (step.abort) {
      aborted = true
      if (peer.tls) socket.destroy()
      else socket.resetAndDestroy()
    }
  }
  if (cut === null) await inbox.isSilent()
  else await inbox.has(cut.reference.unasked, cut.reference.closed)
  const closed = inbox.state !== 'open'
  const unasked = inbox.text.length
  socket.end()
  await inbox.isOver()
  socket.destroy()
  return { text: aborted ? '' : inbox.text, closed, unasked, awaited }
}

function open({ port, tls }: Peer, one: CorpusCase): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }
    const socket: Socket = tls
      ? connectTls(
          {
            ...options,
            rejectUnauthorized: false,
            servername: 'localhost',
            ...(one.tls as ConnectionOptions | undefined),
          },
          () => resolve(socket),
        )
      : connect(options, () => resolve(socket))
    if (tls) socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(bytes, () => resolve())
    socket.once('close', () => resolve())
  })
}

/** The server's name for a connection, by the port that it comes from. */
const ids = new Map<number, number>()
subscribe('tsws.connection.open', (event) => {
  const { connection } = event as { connection: ConnectionInfo }
  if (connection.remotePort !== null) ids.set(connection.remotePort, connection.id)
})

/** Waits until the server has read all that was sent, or has ended. */
async function isRead(engine: HttpServer, socket: Socket, inbox: Inbox, count: number): Promise<void> {
  const until = looks + PATIENCE
  while (inbox.state === 'open') {
    const id = ids.get(socket.localPort as number)
    const connection = engine.connections.find((one) => one.id === id)
    if (connection !== undefined && connection.bytesRead >= count) return
    if (looks > until) throw new Error(`the server did not read ${count} bytes`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** What comes from the server. */
class Inbox {
  state: 'open' | 'ended' | 'reset' = 'open'
  #raw = ''
  #last = looks
  #wake: (() => void) | null = null

  constructor(socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#raw += text
      this.#heard()
    })
    socket.on('end', () => this.#over('ended'))
    socket.on('error', () => this.#over('reset'))
    socket.on('close', () => this.#over('reset'))
  }

  get text(): string {
    return withoutChanging(this.#raw)
  }

  async isSilent(): Promise<void> {
    this.#last = looks
    while (looks - this.#last < SETTLED) await sleep(LOOK)
  }

  /** Resolves when that much has come, and the end too where it has to; or when nothing more will. */
  has(length: number, end = false): Promise<void> {
    return this.#until(
      () => this.state !== 'open' || (!end && this.#raw.length >= length && this.text.length >= length),
    )
  }

  isOver(): Promise<void> {
    return this.#until(() => this.state !== 'open')
  }

  async #until(isTrue: () => boolean): Promise<void> {
    const until = looks + PATIENCE
    while (!isTrue() && looks < until) {
      const timer = setTimeout(() => this.#wake?.(), LOOK)
      await new Promise<void>((resolve) => (this.#wake = resolve))
      clearTimeout(timer)
    }
  }

  #over(state: 'ended' | 'reset'): void {
    if (this.state === 'open') this.state = state
    this.#heard()
  }

  #heard(): void {
    this.#last = looks
    this.#wake?.()
  }
}

/**
 * Without the time, the random boundary of several ranges, and the number of a request that failed; and without `100 Continue`: a server that has the body already may leave it out
 * (RFC 9110 §10.1.1), and a cut decides whether it has.
 */
function withoutChanging(raw: string): string {
  return raw
    .replaceAll(/\r\nDate: [^\r]*/g, '\r\nDate: now')
    .replaceAll(/(boundary=|\n--)[0-9a-f]{24}/g, '$1boundary')
    .replaceAll(
      /Content-Length: \d+(?=\r\nConnection: close\r\n\r\n.*\nRequest id: )/g,
      'Content-Length: some',
    )
    .replaceAll(/Request id: [0-9a-z-]+/g, 'Request id: one')
    .replaceAll(/HTTP\/1\.1 100 Continue\r\n\r\n/g, '')
}
