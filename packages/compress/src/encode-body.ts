import { isFileBody } from '@tsws/http'
import type { Body } from '@tsws/http'
import { openSource, readFileBody } from './body-source.ts'
import type { Coding } from './coding.ts'
import { encodeBytes, encodeBytesSync } from './encode-bytes.ts'
import { EncodedStream } from './encode-stream.ts'
import { FAST_LEVELS, MAX_WHOLE_BYTES } from './levels.ts'

export interface EncodeOptions {
  /** @default gzip 5, br 4, zstd 3 */
  level?: number
  /**
   * For a body of unknown length: whether the client shall be sent what there is whenever the source pauses for a turn
   * of the event loop, as server-sent events need it. @default true
   */
  flush?: boolean
}

/** Bytes. Below it the way to a thread and back costs more than the work, which blocks for less than 0.1 ms. */
export const MAX_SYNC_BYTES = 8 * 1024

/**
 * A body in a content coding. The given body is consumed: closed when the coded one ends, fails, or is closed.
 *
 * Up to 8 KiB are compressed at once, up to 1 MiB in one call on a thread of libuv's pool; what is larger, or whose length
 * is not known, becomes a stream. An empty body (null) stays one.
 */
export function encodeBody(
  body: Body,
  coding: Coding,
  options: EncodeOptions = {},
): Exclude<Body, string> | Promise<Uint8Array> {
  if (body === null) return null
  const level = options.level ?? FAST_LEVELS[coding]
  const bytes = typeof body === 'string' && body.length <= MAX_WHOLE_BYTES ? Buffer.from(body) : body
  if (bytes instanceof Uint8Array) {
    if (bytes.length <= MAX_SYNC_BYTES) return encodeBytesSync(bytes, coding, level)
    if (bytes.length <= MAX_WHOLE_BYTES) return encodeBytes(bytes, coding, level)
  } else if (typeof bytes !== 'string' && isFileBody(bytes) && bytes.length <= MAX_WHOLE_BYTES) {
    return readFileBody(bytes).then((content) => encodeBytes(content, coding, level))
  }
  const isIterable = typeof bytes !== 'string' && !(bytes instanceof Uint8Array) && !isFileBody(bytes)
  const size = isIterable || typeof bytes === 'string' ? -1 : bytes.length
  const flush = isIterable && (options.flush ?? true)
  return new EncodedStream(openSource(bytes), coding, { level, size, flush })
}
