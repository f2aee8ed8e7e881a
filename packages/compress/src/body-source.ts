import { isFileBody } from '@tsws/http'
import type { Body, FileBody } from '@tsws/http'

/** The bytes of a body, piece by piece, and how to give them up. */
export interface BodySource {
  /** The next piece, null at the end. Never called while one is under way. */
  next(): Promise<Uint8Array | null>
  /** Releases what is held; may be called at any time, also more than once. */
  close(): Promise<void>
}

/** One way to read every kind of body that has bytes. */
export function openSource(body: Exclude<Body, null>): BodySource {
  if (typeof body === 'string') return stringSource(body)
  if (body instanceof Uint8Array) return bytesSource(body)
  return isFileBody(body) ? fileSource(body) : iterableSource(body)
}

/**
 * All bytes of a file body, which is closed whatever happens.
 *
 * @param seen called when all is read, before the file is closed
 * @throws {Error} when the file is shorter than it was
 */
export async function readFileBody(body: FileBody, seen?: () => void): Promise<Buffer> {
  try {
    const bytes = Buffer.allocUnsafeSlow(body.length)
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await body.file.read(bytes, at, bytes.length - at, body.start + at)
      if (bytesRead === 0) throw fileShrank(bytes.length - at)
      at += bytesRead
    }
    seen?.()
    return bytes
  } finally {
    await body.close()
  }
}

/** Bytes given to a compressor at a time: one to two milliseconds of a thread's work, so that others get their turn. */
const PIECE_BYTES = 64 * 1024

function bytesSource(bytes: Uint8Array): BodySource {
  let at = 0
  return {
    next: async () => {
      if (at >= bytes.length) return null
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      at += PIECE_BYTES
      return piece
    },
    close: async () => {},
  }
}

/** Encoded piece by piece: a text of megabytes would hold up the event loop for milliseconds if it were done at once. */
function stringSource(text: string): BodySource {
  let at = 0
  return {
    next: async () => {
      if (at >= text.length) return null
      let end = Math.min(at + PIECE_BYTES, text.length)
      // A character of two code units must not be cut in two: each half would become U+FFFD.
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--
      const piece = Buffer.from(text.slice(at, end))
      at = end
      return piece
    },
    close: async () => {},
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

function fileSource(body: FileBody): BodySource {
  let at = 0
  return {
    next: async () => {
      if (at >= body.length) return null
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, body.length - at))
      const { bytesRead } = await body.file.read(piece, 0, piece.length, body.start + at)
      if (bytesRead === 0) throw fileShrank(body.length - at)
      at += bytesRead
      return piece.subarray(0, bytesRead)
    },
    close: () => body.close(),
  }
}

function iterableSource(body: AsyncIterable<Uint8Array>): BodySource {
  const iterator = body[Symbol.asyncIterator]()
  let pending = false
  return {
    next: async () => {
      pending = true
      try {
        const step = await iterator.next()
        return step.done ? null : step.value
      } finally {
        pending = false
      }
    },
    close: async () => {
      // A node stream whose iteration never began would stay open: its iterator's return() does nothing yet.
      if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
      const closing = Promise.resolve(iterator.return?.()).catch(() => {})
      // A generator in the middle of an `await` ends only when that does, which may be never: don't wait for it.
      if (!pending) await closing
    },
  }
}

function fileShrank(missing: number): Error {
  return Object.assign(new Error(`the file ended ${missing} bytes early while it was compressed`), {
    code: 'ERR_FILE_SHRANK',
  })
}
