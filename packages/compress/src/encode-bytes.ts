import * as zlib from 'node:zlib'
import type { Coding } from './coding.ts'
import { brotliOptions, gzipOptions, zstdOptions } from './levels.ts'

/** Bytes in, coded bytes out, at once: for bodies so small that the way to a thread would cost more. */
export function encodeBytesSync(bytes: Uint8Array, coding: Coding, level: number): Uint8Array {
  if (coding === 'gzip') return zlib.gzipSync(bytes, gzipOptions(level, bytes.length))
  if (coding === 'br') return zlib.brotliCompressSync(bytes, brotliOptions(level, bytes.length))
  return zlib.zstdCompressSync(bytes, zstdOptions(level, bytes.length))
}

/** The same on a thread of libuv's pool, so that the event loop goes on. */
export function encodeBytes(bytes: Uint8Array, coding: Coding, level: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, coded: Uint8Array): void => (error ? reject(error) : resolve(coded))
    if (coding === 'gzip') zlib.gzip(bytes, gzipOptions(level, bytes.length), done)
    else if (coding === 'br') zlib.brotliCompress(bytes, brotliOptions(level, bytes.length), done)
    else zlib.zstdCompress(bytes, zstdOptions(level, bytes.length), done)
  })
}
