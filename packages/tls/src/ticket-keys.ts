import { randomBytes } from 'node:crypto'
import type { Server } from 'node:tls'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

/** Bytes: what Node splits into a name, an AES key and an HMAC key. */
const KEY_LENGTH = 48
/**
 * Milliseconds one key seals session tickets. Who steals it can read the sessions of TLS 1.2 that it
 * sealed, so that a key for the whole life of the process would undo forward secrecy (RFC 9325 §3.4).
 */
const LIFETIME = 12 * 60 * 60 * 1000
/** Milliseconds after which a thread has seen that the key has changed: until then it gives tickets that others refuse. */
const LOOK_EVERY = 60_000

/**
 * The key of a server's session tickets; older tickets cost a full handshake. Threads that share it resume each other's
 * sessions: a browser's next connection comes to any of them.
 */
export class TicketKeys {
  readonly #server: Server
  readonly #shared: SharedKey | null
  readonly #timer: NodeJS.Timeout
  #version = 0

  constructor(server: Server) {
    const memory = getEnvironmentData(MEETING) as SharedArrayBuffer | undefined
    this.#server = server
    this.#shared = memory === undefined ? null : new SharedKey(memory)
    this.#timer =
      this.#shared === null
        ? setInterval(() => this.renew(), LIFETIME)
        : setInterval(() => this.#look(), LOOK_EVERY)
    this.#timer.unref()
    this.renew()
  }

  /** After the server has got a new certificate, which came with a key of its own. */
  renew(): void {
    this.#version = 0
    if (this.#shared === null) this.#use(randomBytes(KEY_LENGTH))
    else this.#look()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const found = this.#shared?.read(this.#version) ?? null
    if (found === null) return
    this.#use(found.key)
    this.#version = found.version
  }

  #use(key: Buffer): void {
    try {
      this.#server.setTicketKeys(key)
    } catch {
      // Bun cannot set it: a server keeps the key that it came with.
      this.stop()
    }
  }
}

/**
 * Makes the threads that this one starts from now on resume each other's TLS sessions. This thread renews the key every
 * twelve hours, and when it is told to: after a certificate was replaced, sessions from before begin anew.
 *
 * Only worker threads of one process can share memory; what other processes gave costs a full handshake.
 */
export function shareTicketKeysAcrossThreads(): { renew(): void } {
  const memory = new SharedArrayBuffer(SharedKey.BYTES)
  const shared = new SharedKey(memory)
  shared.renew()
  setEnvironmentData(MEETING, memory as never)
  setInterval(() => shared.renew(), LIFETIME).unref()
  return { renew: () => shared.renew() }
}

const MEETING = '@tsws/tls'

/** A key in memory that one thread writes and all read: its version is odd while it is written. */
class SharedKey {
  static readonly BYTES: number = Int32Array.BYTES_PER_ELEMENT + KEY_LENGTH
  readonly #version: Int32Array
  readonly #key: Uint8Array

  constructor(memory: SharedArrayBuffer) {
    this.#version = new Int32Array(memory, 0, 1)
    this.#key = new Uint8Array(memory, Int32Array.BYTES_PER_ELEMENT, KEY_LENGTH)
  }

  renew(): void {
    Atomics.add(this.#version, 0, 1)
    this.#key.set(randomBytes(KEY_LENGTH))
    Atomics.add(this.#version, 0, 1)
  }

  /** The key, unless it is that of `known`. Being written takes a few instructions of another thread, and is waited for. */
  read(known: number): { readonly version: number; readonly key: Buffer } | null {
    for (;;) {
      const version = Atomics.load(this.#version, 0)
      if (version === known) return null
      const key = Buffer.from(this.#key)
      if (version % 2 === 0 && Atomics.load(this.#version, 0) === version) return { version, key }
    }
  }
}
