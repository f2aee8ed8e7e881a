import { constants, createGzip, gunzipSync } from 'node:zlib'
import type { Gzip, ZlibOptions } from 'node:zlib'
import { gzipOptions } from './levels.ts'

/** Bytes of the largest body that goes through a kept state: see `MEMORY` below. */
export const MAX_KEPT_BYTES = 64 * 1024

/**
 * gzip in one call, by a zlib state that is kept and used again: setting one up for each body, and giving the garbage
 * collector three buffers each time, costs a tenth of compressing 50 KiB. Null where it did not fit or cannot be done so:
 * then `gzipSync` can.
 */
export function gzipKept(content: string | Uint8Array, level: number): Uint8Array | null {
  const kind = content.length <= SMALL_BYTES ? SMALL : LARGE
  let kept = kind.byLevel[level]
  if (kept === undefined) {
    kept = keepGzip(gzipOptions(level, kind.maxBytes))
    kind.byLevel[level] = kept
  }
  return kept === null ? null : kept.encode(content)
}

/** A state of these options; null where this runtime's zlib is not made as Node's has been since version 10. */
export function keepGzip(options: ZlibOptions, create: typeof createGzip = createGzip): KeptGzip | null {
  const gzip = create(options)
  const { _handle: handle, _writeState: left } = gzip as unknown as Partial<Insides>
  if (typeof handle?.reset !== 'function' || typeof handle.writeSync !== 'function') return null
  if (!(left instanceof Uint32Array)) return null
  const kept = new KeptGzip(gzip, { _handle: handle, _writeState: left })
  return isRight(kept) ? kept : null
}

/** What a zlib stream of Node is made of: also npm's own unpacker goes by it, but it is no documented interface. */
interface Insides {
  readonly _handle: {
    reset(): void
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ): void
  }
  /** After a write: bytes free in the output, bytes left of the input. */
  readonly _writeState: Uint32Array
}

class KeptGzip {
  readonly #gzip: Gzip
  readonly #insides: Insides

  constructor(gzip: Gzip, insides: Insides) {
    this.#gzip = gzip
    this.#insides = insides
    gzip.on('error', () => {}) // destroys it, which is looked at
  }

  encode(content: string | Uint8Array): Uint8Array | null {
    if (this.#gzip.destroyed) return null
    buffers ??= { input: new Uint8Array(MAX_KEPT_BYTES), output: new Uint8Array(MAX_KEPT_BYTES) }
    const { input, output } = buffers
    const { _handle: handle, _writeState: left } = this.#insides
    let bytes: Uint8Array = input
    let { length } = content
    if (typeof content !== 'string') bytes = content
    else {
      const { read, written } = TEXT.encodeInto(content, input)
      if (read < content.length) return null
      length = written
    }
    handle.reset()
    handle.writeSync(constants.Z_FINISH, bytes, 0, length, output, 0, output.length)
    const [free, unread] = left as unknown as [number, number]
    // No room left: there may be more to come.
    if (free === 0 || unread > 0 || this.#gzip.destroyed) return null
    return output.slice(0, output.length - free)
  }
}

/** Whether what it gives decodes, also the second time. */
function isRight(kept: KeptGzip): boolean {
  try {
    return [PROBE, PROBE].every((probe) => gunzipSync(kept.encode(probe) ?? NOTHING).toString() === probe)
  } catch {
    return false
  }
}

const TEXT = new TextEncoder()

const PROBE = 'a probe, a probe, my kingdom for a probe'
const NOTHING = new Uint8Array(0)

// MEMORY of a thread, once it has compressed so: 128 KiB of buffers, and for each level in use (one, unless several
// `compress()` differ) some 330 KiB of zlib's state for large bodies and 110 KiB for small ones.
let buffers: { input: Uint8Array<ArrayBuffer>; output: Uint8Array } | null = null

/** Bytes, or characters: up to it a window of 8 KiB, which fewer cache lines are spent on. */
const SMALL_BYTES = 8 * 1024

const SMALL: Kind = { maxBytes: SMALL_BYTES, byLevel: [] }
const LARGE: Kind = { maxBytes: MAX_KEPT_BYTES, byLevel: [] }

interface Kind {
  readonly maxBytes: number
  readonly byLevel: (KeptGzip | null)[]
}
