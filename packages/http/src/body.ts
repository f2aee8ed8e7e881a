import { withCode } from './with-code.ts'

/**
 * What a response carries. A body is consumed or closed exactly once: who replaces one closes
 * the old with `closeBody`.
 */
export type Body = null | string | Uint8Array | AsyncIterable<Uint8Array> | FileBody

/** The part of node's `FileHandle` that sending a file needs. */
export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  close(): Promise<void>
}

const BRAND = Symbol.for('@tsws/http.FileBody')

/**
 * Bytes `start` to `start + length` of a file that is already open: checking a path and opening
 * it later would be a race. The server reads it in large blocks and closes it.
 */
export class FileBody {
  readonly file: OpenFile
  /** First byte to send. */
  readonly start: number
  /** Bytes to send. */
  readonly length: number
  readonly [BRAND] = true
  #closed = false

  /** @throws {RangeError} `ERR_OUT_OF_RANGE` when start or length is no whole number of bytes; the file is then still open */
  constructor(file: OpenFile, start: number, length: number) {
    assertBytes('start', start)
    assertBytes('length', length)
    this.file = file
    this.start = start
    this.length = length
  }

  /** Closes the file; later calls do nothing. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.file.close()
  }
}

export function isFileBody(body: Body): body is FileBody {
  return typeof body === 'object' && body !== null && BRAND in body
}

/**
 * Gives up a body that will not be sent: closes the file, destroys the stream, or ends the iteration
 * so that its source can clean up. A generator that has not begun runs no `finally`: what it is to
 * close must be opened inside it. Never rejects: a body that fails to close is of no use to anyone by then.
 */
export async function closeBody(body: Body): Promise<void> {
  try {
    if (body === null || typeof body === 'string' || body instanceof Uint8Array) return
    if (isFileBody(body)) await body.close()
    else if (isNodeStream(body)) destroy(body)
    else await body[Symbol.asyncIterator]().return?.()
  } catch {
    // The source's own trouble while being told to stop.
  }
}

/** The part of node's `Readable` that giving it up needs. */
interface NodeStream {
  on(event: 'error', listener: () => void): unknown
  destroy(): unknown
}

function isNodeStream(body: object): body is NodeStream {
  return 'destroy' in body && typeof body.destroy === 'function' && 'on' in body
}

// Its iterator is a generator: ended before it has begun, it would leave the stream and its file open.
function destroy(stream: NodeStream): void {
  stream.on('error', () => {}) // one that nobody hears would end the process
  stream.destroy()
}

function assertBytes(what: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return
  const message = `FileBody: ${what} must be a whole number of bytes, got ${String(count)}`
  throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE')
}
