import { constants } from 'node:zlib'
import type { BrotliOptions, ZlibOptions, ZstdOptions } from 'node:zlib'
import type { Coding } from './coding.ts'

/** How hard a body is compressed, per coding. */
export interface Levels {
  /** zlib level, 1 to 9. */
  gzip: number
  /** Brotli quality, 0 to 11. */
  br: number
  /** zstd level, 1 to 19. */
  zstd: number
}

/**
 * While the client waits. Measured on 33 KiB of JSON (Node 26): gzip 6 329 µs and 7804 bytes, br 4 224 µs and 6370,
 * zstd 3 86 µs and 6792; gzip 9, br 5 and zstd 6 cost two to three times that and save a few bytes or none.
 */
export const FAST_LEVELS: Readonly<Levels> = Object.freeze({ gzip: 6, br: 4, zstd: 3 })

/** In the background, once for many. zstd's 20 and up would need windows that browsers refuse (RFC 9659). */
export const BEST_LEVELS: Readonly<Levels> = Object.freeze({ gzip: 9, br: 11, zstd: 19 })

/** Options for node:zlib. `size` is the length of the body in bytes, or −1 where it is not known. */
export function gzipOptions(level: number, size: number): ZlibOptions {
  // A window larger than the body is never used: a small one is set up faster and held in less memory (nginx does this).
  const needed = size < 0 ? MAX_GZIP_WINDOW_BITS : Math.ceil(Math.log2(size + 1))
  const windowBits = Math.min(MAX_GZIP_WINDOW_BITS, Math.max(MIN_GZIP_WINDOW_BITS, needed))
  return { level, windowBits, memLevel: Math.max(5, windowBits - 7), chunkSize: chunkSize(size) }
}

export function brotliOptions(quality: number, size: number): BrotliOptions {
  const windowBits = size < 0 ? STREAM_BROTLI_WINDOW_BITS : Math.ceil(Math.log2(size + BROTLI_WINDOW_GAP))
  return {
    chunkSize: chunkSize(size),
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: Math.min(MAX_BROTLI_WINDOW_BITS, Math.max(10, windowBits)),
      [constants.BROTLI_PARAM_SIZE_HINT]: Math.max(0, size),
    },
  }
}

export function zstdOptions(level: number, size: number): ZstdOptions {
  const windowBits = size < 0 ? STREAM_ZSTD_WINDOW_BITS : Math.ceil(Math.log2(size + 1))
  return {
    chunkSize: chunkSize(size),
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: Math.min(MAX_ZSTD_WINDOW_BITS, Math.max(10, windowBits)),
    },
  }
}

/** The kind of flush that lets a client decode all it was sent so far. */
export function flushKind(coding: Coding): number {
  if (coding === 'gzip') return constants.Z_SYNC_FLUSH
  return coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.ZSTD_e_flush
}

const MAX_GZIP_WINDOW_BITS = 15
const MIN_GZIP_WINDOW_BITS = 9
const MAX_BROTLI_WINDOW_BITS = 22
const BROTLI_WINDOW_GAP = 16
/** RFC 9659: a browser need not accept a window above 8 MiB. */
const MAX_ZSTD_WINDOW_BITS = 23
// Streams may be many and long-lived, so their memory counts: 256 KiB and 512 KiB of history.
const STREAM_BROTLI_WINDOW_BITS = 18
const STREAM_ZSTD_WINDOW_BITS = 19

/** Bytes of one output buffer: most small bodies come out in one, large ones in pieces worth a write each. */
function chunkSize(size: number): number {
  if (size < 0 || size > 64 * 1024) return 32 * 1024
  return Math.max(1024, size >> 1)
}
