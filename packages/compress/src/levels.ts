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
 * While the client waits. Measured on 50 KiB of JSON (Node 26): gzip 5 375 µs and 7784 bytes, gzip 6 488 µs and 7767, br 4
 * 488 µs and 6830. On scripts and prose gzip 6 takes 1.4 to 1.8 times as long as 5 for 1 to 4 % less. On 33 KiB of JSON br 5
 * and zstd 6 cost two to three times br 4 and zstd 3 and save a few bytes or none.
 */
export const FAST_LEVELS: Readonly<Levels> = Object.freeze({ gzip: 5, br: 4, zstd: 3 })

/** In the background, once for many. zstd's 20 and up would need windows that browsers refuse (RFC 9659). */
export const BEST_LEVELS: Readonly<Levels> = Object.freeze({ gzip: 9, br: 11, zstd: 19 })

/**
 * Options for node:zlib. `size` is the length of the body in bytes, or −1 where it is not known. A window larger than the
 * body is never used: a small one is set up faster and held in less memory.
 */
export function gzipOptions(level: number, size: number): ZlibOptions {
  const windowBits = bitsFor(size, 9, 15)
  return { level, windowBits, memLevel: Math.max(5, windowBits - 7), chunkSize: chunkSize(size) }
}

/** `windowBits` is the most history to keep, as a power of two of bytes. */
export function brotliOptions(
  quality: number,
  size: number,
  windowBits: number = WHOLE_WINDOW_BITS.br,
): BrotliOptions {
  return {
    chunkSize: chunkSize(size),
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: bitsFor(size < 0 ? size : size + BROTLI_WINDOW_GAP, 10, windowBits),
      [constants.BROTLI_PARAM_SIZE_HINT]: Math.max(0, Math.min(size, 0x7fffffff)),
    },
  }
}

/** `windowBits` is the most history to keep, as a power of two of bytes. */
export function zstdOptions(
  level: number,
  size: number,
  windowBits: number = WHOLE_WINDOW_BITS.zstd,
): ZstdOptions {
  return {
    chunkSize: chunkSize(size),
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: bitsFor(size, 10, windowBits),
    },
  }
}

/** For bodies in memory. RFC 9659: a browser need not accept a zstd window above 8 MiB; brotli's own limit is 16 MiB less 16. */
const WHOLE_WINDOW_BITS = { br: 22, zstd: 23 } as const

/**
 * For streams, which may be many and long-lived, so that their memory counts: 128 KiB and 512 KiB of history. Brotli with
 * 256 KiB holds 2.6 MiB instead of 1.7, for 1 to 2 % less on the wire.
 */
export const STREAM_WINDOW_BITS = { br: 17, zstd: 19 } as const

/** The kind of flush that lets a client decode all it was sent so far. */
export function flushKind(coding: Coding): number {
  if (coding === 'gzip') return constants.Z_SYNC_FLUSH
  return coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.ZSTD_e_flush
}

/** RFC 7932 §9.1: the window is that many bytes smaller than its power of two. */
const BROTLI_WINDOW_GAP = 16

/** Bytes. Above it a body is compressed while it is sent. */
export const MAX_WHOLE_BYTES = 1024 * 1024

/** The power of two that holds `size` bytes, within limits; the greatest where the size is not known. */
function bitsFor(size: number, least: number, most: number): number {
  return size < 0 ? most : Math.min(most, Math.max(least, Math.ceil(Math.log2(size + 1))))
}

/** Bytes of one output buffer: most small bodies come out in one, large ones in pieces worth a write each. */
function chunkSize(size: number): number {
  if (size < 0 || size > 64 * 1024) return 32 * 1024
  return Math.max(1024, size >> 1)
}
