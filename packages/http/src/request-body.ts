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

/** The whole body in one array. */
export async function collectBody(exchange: Exchange): Promise<Uint8Array> {
  if (exchange.bodyLength === 0) return NO_BYTES
  let piece = exchange.readBody()
  if (piece instanceof Promise) piece = await piece
  if (piece === null) return NO_BYTES
  // A body of declared length that came with one packet is that piece, not a copy of it.
  if (piece.length === exchange.bodyLength) {
    await exchange.readBody()
    return piece
  }
  const pieces = [piece]
  let size = piece.length
  for (;;) {
    piece = exchange.readBody()
    if (piece instanceof Promise) piece = await piece
    if (piece === null) return concat(pieces, size)
    pieces.push(piece)
    size += piece.length
  }
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

const NO_BYTES = new Uint8Array(0)

function concat(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
