import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'
import { connectionsWithin, fileNumberOf, openFileLimit } from './open-files.ts'
import type { ResolvedOptions } from './options.ts'

const BODY = 'Service Unavailable\n'
const ANSWER =
  'HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n' +
  `Content-Length: ${BODY.length}\r\nRetry-After: 1\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${BODY}`

/** Milliseconds that a refused client gets to read its answer. */
const REFUSAL_LINGER = 1_000

/** Connections that are told so at once: beyond, an attack would fill the process by being refused. */
const MAX_REFUSALS = 100

/** What stands before an address of IPv4 that is written as one of IPv6 (RFC 4291 §2.5.5.2). */
const MAPPED = '::ffff:'

/** Counts connections against the caps, before a byte of theirs is read. */
export class Admission {
  readonly #options: ResolvedOptions
  readonly #perAddress = new Map<string, number>()
  readonly #counts: boolean
  readonly #openFiles = openFileLimit()
  readonly #filesCap = connectionsWithin(this.#openFiles)
  /** Connections turned away so far. */
  refused = 0
  #warned = false
  /** Refused connections that are being told so. */
  #refusals = 0

  constructor(options: ResolvedOptions) {
    this.#options = options
    this.#counts = options.maxConnectionsPerAddress !== Infinity
  }

  /** Null when it may come in, otherwise the cap that it would pass. */
  admit(stream: Duplex, open: number): 'maxConnections' | 'maxConnectionsPerAddress' | 'openFiles' | null {
    if (open >= this.#options.maxConnections) return 'maxConnections'
    if (open >= this.#filesCap || fileNumberOf(stream) >= this.#filesCap) {
      this.#warnOfFiles()
      return 'openFiles'
    }
    const address = this.#countedAs((stream as Partial<Socket>).remoteAddress)
    if (address === null) return null
    const count = this.#perAddress.get(address) ?? 0
    if (count >= this.#options.maxConnectionsPerAddress) return 'maxConnectionsPerAddress'
    this.#perAddress.set(address, count + 1)
    return null
  }

  leave(connection: Connection): void {
    const address = this.#countedAs(connection.remoteAddress)
    if (address === null) return
    const count = this.#perAddress.get(address) ?? 0
    if (count > 1) this.#perAddress.set(address, count - 1)
    else this.#perAddress.delete(address)
  }

  /** One client is one address, also where it comes by a listener for IPv6. Unix sockets and memory have none: null. */
  #countedAs(address: string | null | undefined): string | null {
    if (!this.#counts || address === null || address === undefined) return null
    return address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address
  }

  /** Once: who is refused by the thousand must not fill the log as well. */
  #warnOfFiles(): void {
    if (this.#warned) return
    this.#warned = true
    process.emitWarning(
      `this process may have ${this.#openFiles} open files; when ${this.#filesCap} are, it refuses connections: raise the limit (ulimit -n)`,
      { code: 'TSWS_OPEN_FILES' },
    )
  }

  /** Turns a connection away, with an answer or without: who is refused for want of files must not hold one. */
  refuse(stream: Duplex, cap: string): void {
    this.refused++
    stream.on('error', () => {})
    const unread = this.#options.overload === 'refuse' || cap === 'openFiles'
    if (unread || this.#refusals >= MAX_REFUSALS) return void stream.destroy()
    this.#refusals++
    stream.resume()
    stream.end(ANSWER)
    const timer = setTimeout(() => stream.destroy(), REFUSAL_LINGER)
    timer.unref()
    stream.once('close', () => {
      this.#refusals--
      clearTimeout(timer)
    })
  }
}
