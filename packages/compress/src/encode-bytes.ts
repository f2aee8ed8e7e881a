import { availableParallelism } from 'node:os'
import * as zlib from 'node:zlib'
import type { Coding } from './coding.ts'
import { gzipKept, MAX_KEPT_BYTES } from './kept-gzip.ts'
import { brotliOptions, gzipOptions, zstdOptions } from './levels.ts'

/** Bytes in, coded bytes out, at once: for bodies so small that the way to a thread would cost more. */
export function encodeBytesSync(content: string | Uint8Array, coding: Coding, level: number): Uint8Array {
  if (coding === 'gzip') {
    const coded = content.length <= MAX_KEPT_BYTES ? gzipKept(content, level) : null
    return coded ?? zlib.gzipSync(content, gzipOptions(level, Buffer.byteLength(content)))
  }
  const size = Buffer.byteLength(content)
  if (coding === 'br') return zlib.brotliCompressSync(content, brotliOptions(level, size))
  return zlib.zstdCompressSync(content, zstdOptions(level, size))
}

/**
 * For bodies that clients wait for, many at a time. With one processor alone, a thread would only take turns with the event
 * loop, and their caches: there the loop does it, one body each turn, so that what else has come is answered in between.
 */
export function encodeInTurn(
  content: string | Uint8Array,
  coding: Coding,
  level: number,
): Promise<Uint8Array> {
  if (!IS_ALONE || content.length > MAX_TURN_BYTES) return encodeBytes(content, coding, level)
  return new Promise((resolve) => setImmediate(resolve)).then(() => encodeBytesSync(content, coding, level))
}

const IS_ALONE = availableParallelism() === 1

/** Bytes, or characters: a millisecond of gzip 6, as long as any turn should take. */
const MAX_TURN_BYTES = MAX_KEPT_BYTES

/** On a thread of libuv's pool, so that the event loop goes on. */
export function encodeBytes(
  content: string | Uint8Array,
  coding: Coding,
  level: number,
): Promise<Uint8Array> {
  const bytes = bytesOf(content)
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, coded: Uint8Array): void => (error ? reject(error) : resolve(coded))
    if (coding === 'gzip') zlib.gzip(bytes, gzipOptions(level, bytes.length), done)
    else if (coding === 'br') zlib.brotliCompress(bytes, brotliOptions(level, bytes.length), done)
    else zlib.zstdCompress(bytes, zstdOptions(level, bytes.length), done)
  })
}

export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}
