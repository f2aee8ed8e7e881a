import { availableParallelism } from 'node:os'
import * as zlib from 'node:zlib'
import type { Coding } from './coding.ts'
import { brotliOptions, gzipOptions, zstdOptions } from './levels.ts'

/** Bytes in, coded bytes out, at once: for bodies so small that the way to a thread would cost more. */
export function encodeBytesSync(bytes: Uint8Array, coding: Coding, level: number): Uint8Array {
  if (coding === 'gzip') return zlib.gzipSync(bytes, gzipOptions(level, bytes.length))
  if (coding === 'br') return zlib.brotliCompressSync(bytes, brotliOptions(level, bytes.length))
  return zlib.zstdCompressSync(bytes, zstdOptions(level, bytes.length))
}

/**
 * For bodies that clients wait for, many at a time. With one processor alone, a thread would only take turns with the event
 * loop, and their caches: there the loop does it, one body each turn, so that what else has come is answered in between.
 */
export function encodeInTurn(bytes: Uint8Array, coding: Coding, level: number): Promise<Uint8Array> {
  if (!IS_ALONE || bytes.length > MAX_TURN_BYTES) return encodeBytes(bytes, coding, level)
  return new Promise((resolve) => setImmediate(resolve)).then(() => encodeBytesSync(bytes, coding, level))
}

const IS_ALONE = availableParallelism() === 1

/** Bytes: a millisecond of gzip 6, as long as any turn should take. */
const MAX_TURN_BYTES = 64 * 1024

/** On a thread of libuv's pool, so that the event loop goes on. */
export function encodeBytes(bytes: Uint8Array, coding: Coding, level: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, coded: Uint8Array): void => (error ? reject(error) : resolve(coded))
    if (coding === 'gzip') zlib.gzip(bytes, gzipOptions(level, bytes.length), done)
    else if (coding === 'br') zlib.brotliCompress(bytes, brotliOptions(level, bytes.length), done)
    else zlib.zstdCompress(bytes, zstdOptions(level, bytes.length), done)
  })
}
