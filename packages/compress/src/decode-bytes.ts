import * as zlib from 'node:zlib'
import type { Coding } from './coding.ts'

/** Undoes a coding of our own making, on a thread of libuv's pool. Not for what a client sent: it has no limit. */
export function decodeOwnBytes(coded: Uint8Array, coding: Coding): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, bytes: Uint8Array): void => (error ? reject(error) : resolve(bytes))
    if (coding === 'gzip') zlib.gunzip(coded, done)
    else if (coding === 'br') zlib.brotliDecompress(coded, done)
    else zlib.zstdDecompress(coded, done)
  })
}
