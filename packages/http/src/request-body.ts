import type { Exchange } from './exchange.ts'
import { HttpError } from './http-error.ts'

/** The body, once, piece by piece. Leaving the loop early leaves the rest to the server. */
export function iterateBody(exchange: Exchange, use: () => void): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      use()
      for (let piece = await exchange.readBody(); piece !== null; piece = await exchange.readBody())
        yield piece
    },
  }
}

/**
 * The whole body in one array: the piece itself where there is only one, otherwise memory of its own.
 * Synchronous for a body that is here already, as most small ones are.
 */
export function collectBody(exchange: Exchange): Uint8Array | Promise<Uint8Array> {
  exchange.gathered = true
  const body = new Collected(exchange.bodyLength)
  for (;;) {
    const piece = exchange.readBody()
    if (piece instanceof Promise) return collectRest(exchange, body, piece)
    if (piece === null) return body.bytes
    body.add(piece)
  }
}

async function collectRest(
  exchange: Exchange,
  body: Collected,
  first: Promise<Uint8Array | null>,
): Promise<Uint8Array> {
  for (let piece = await first; piece !== null; piece = await exchange.readBody()) body.add(piece)
  return body.bytes
}

/**
 * Pieces put together. They are copied and not kept: one byte a chunk would keep an object, and perhaps
 * a packet, for each byte of the body (CWE-405). Doubling keeps the copying linear.
 */
class Collected {
  readonly #declared: number
  #room: Uint8Array = NO_BYTES
  #size = 0

  constructor(declared: number) {
    this.#declared = declared
  }

  get bytes(): Uint8Array {
    return this.#size === this.#room.length ? this.#room : this.#room.slice(0, this.#size)
  }

  add(piece: Uint8Array): void {
    if (this.#size === 0) this.#room = piece
    else {
      if (this.#size + piece.length > this.#room.length) this.#grow(piece.length)
      this.#room.set(piece, this.#size)
    }
    this.#size += piece.length
  }

  #grow(more: number): void {
    const needed = this.#size + more
    const roomy = Math.max(this.#size * 2, needed, FIRST_BYTES)
    const larger = new Uint8Array(this.#declared < needed ? roomy : Math.min(roomy, this.#declared))
    larger.set(this.#room.subarray(0, this.#size))
    this.#room = larger
  }
}

const NO_BYTES = new Uint8Array(0)

/** Bytes. Enough for most bodies to be copied once; one that declares more gets it as it comes. */
const FIRST_BYTES = 16 * 1024

/**
 * That a body does not come whole is the client's doing. A handler that no longer waits for it, since something
 * else has failed meanwhile, must not let the client end the process by an unhandled rejection.
 */
export function heard<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => {})
  return reading
}

const decoder = new TextDecoder()

export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new HttpError(400, `the body is not JSON: ${detail}`, { code: 'ERR_INVALID_JSON', cause })
  }
}
