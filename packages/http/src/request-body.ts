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

/** The whole body in one array: the piece itself where there is only one, otherwise memory of its own. */
export async function collectBody(exchange: Exchange): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0)
  let size = 0
  for (;;) {
    let piece = exchange.readBody()
    if (piece instanceof Promise) piece = await piece
    if (piece === null) return size === bytes.length ? bytes : bytes.slice(0, size)
    if (size === 0) bytes = piece
    else {
      if (size + piece.length > bytes.length) bytes = grow(bytes, size, piece.length, exchange.bodyLength)
      bytes.set(piece, size)
    }
    size += piece.length
  }
}

/** Bytes. Enough for most bodies to be copied once; one that declares more gets it as it comes. */
const FIRST_BYTES = 16 * 1024

/**
 * Room for `more` bytes after the first `size`. Pieces are copied and not kept: one byte a chunk would
 * keep an object, and perhaps a packet, for each byte of the body (CWE-405). Doubling keeps the copying linear.
 */
function grow(bytes: Uint8Array, size: number, more: number, declared: number): Uint8Array {
  const roomy = Math.max(size * 2, size + more, FIRST_BYTES)
  const larger = new Uint8Array(declared < size + more ? roomy : Math.min(roomy, declared))
  larger.set(bytes.subarray(0, size))
  return larger
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
