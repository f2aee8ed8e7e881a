import { AVAILABLE_CODINGS, isCoding } from './coding.ts'
import type { Coding } from './coding.ts'
import { encodeBytes } from './encode-bytes.ts'
import { BEST_LEVELS, FAST_LEVELS } from './levels.ts'
import type { Levels } from './levels.ts'

export type { Levels } from './levels.ts'

/** Compresses bytes somewhere: on a thread of libuv's pool, or of a worker pool of yours. */
export type EncodeFunction = (bytes: Uint8Array, coding: Coding, level: number) => Promise<Uint8Array>

/** Compress once, serve many. */
export interface CompressCacheOptions {
  /** Bytes kept in memory: coded contents, and what they were made of to compare with. @default 67_108_864 (64 MiB) */
  maxBytes?: number
  /** Bytes of the largest entry. @default 8_388_608 (8 MiB) */
  maxEntryBytes?: number
  /** How hard to compress in the background what is kept. @default { gzip: 9, br: 11, zstd: 19 } */
  levels?: Partial<Levels>
  /**
   * Makes the best coding. Give a function that hands the work to a worker pool to keep libuv's threads for files.
   * @default node:zlib, one content at a time on one thread of libuv's pool
   */
  encode?: EncodeFunction
  /** A folder in which the best codings survive restarts; made if need be. @default none */
  directory?: string | null
  /** Bytes kept in that folder. @default 536_870_912 (512 MiB) */
  maxDiskBytes?: number
}

export interface ResolvedCacheOptions {
  readonly maxBytes: number
  readonly maxEntryBytes: number
  readonly levels: Readonly<Levels>
  readonly encode: EncodeFunction
  readonly directory: string | null
  readonly maxDiskBytes: number
}

export interface CompressOptions {
  /**
   * The content codings to offer, the preferred first: it wins where the client ranks several equal.
   * @default ['br', 'zstd', 'gzip'], without zstd before Node 22.15
   */
  codings?: readonly Coding[]
  /** Bytes: what is known to be shorter is sent as it is. @default 1024 */
  threshold?: number
  /** How hard to compress while the client waits. @default { gzip: 5, br: 4, zstd: 3 } */
  levels?: Partial<Levels>
  /**
   * Compressions of a thread under way at a time; an answer beyond is sent as it is, and counted. Each holds up to 2 MiB.
   * @default 128
   */
  maxConcurrent?: number
  /** Keeps what was compressed, and compresses it better in the background; false for neither. @default {} */
  cache?: CompressCacheOptions | false
}

/** What is used at run time: checked and complete. */
export interface ResolvedOptions {
  readonly codings: readonly Coding[]
  readonly threshold: number
  readonly levels: Readonly<Levels>
  readonly maxConcurrent: number
  readonly cache: ResolvedCacheOptions | null
}

export const DEFAULTS: ResolvedOptions = Object.freeze({
  codings: AVAILABLE_CODINGS,
  // A head and 1 KiB share the first packet (about 1400 bytes) as they are: fewer bytes would not arrive sooner.
  threshold: 1024,
  levels: FAST_LEVELS,
  // A stream under way holds 0.4 (gzip) or 1.7 MiB (brotli, zstd): at worst 220 MiB of a thread, with that many slow readers
  // at once.
  maxConcurrent: 128,
  cache: Object.freeze({
    // The text of a large site: some 10 MiB of pages, scripts and styles, in three codings, and to compare with.
    maxBytes: 64 * 1024 * 1024,
    // So that one entry never takes more than an eighth of it.
    maxEntryBytes: 8 * 1024 * 1024,
    levels: BEST_LEVELS,
    encode: encodeBytes,
    directory: null,
    // Best codings of some 2 GiB of text: more than any site, less than anyone's disk.
    maxDiskBytes: 512 * 1024 * 1024,
  }),
})

/** @throws {TypeError} that names the option, what was given and what was expected */
export function resolveOptions(options: CompressOptions = {}): ResolvedOptions {
  return Object.freeze({
    codings: checkCodings(options.codings ?? DEFAULTS.codings),
    threshold: checkInteger('threshold', options.threshold ?? DEFAULTS.threshold, 0, MAX_BYTES),
    levels: checkLevels('levels', FAST_LEVELS, options.levels),
    maxConcurrent: checkInteger('maxConcurrent', options.maxConcurrent ?? DEFAULTS.maxConcurrent, 1, 65_536),
    cache: options.cache === false ? null : resolveCacheOptions(options.cache ?? {}),
  })
}

function resolveCacheOptions(options: CompressCacheOptions): ResolvedCacheOptions {
  const defaults = DEFAULTS.cache as ResolvedCacheOptions
  const { encode = defaults.encode, directory = defaults.directory } = options
  if (typeof encode !== 'function') {
    throw new TypeError(`compress: cache.encode must be a function, got ${JSON.stringify(encode)}`)
  }
  if (directory !== null && (typeof directory !== 'string' || directory === '')) {
    throw new TypeError(
      `compress: cache.directory must be the path of a folder, got ${JSON.stringify(directory)}`,
    )
  }
  const maxBytes = checkInteger('cache.maxBytes', options.maxBytes ?? defaults.maxBytes, 0, MAX_BYTES)
  const largest = Math.min(defaults.maxEntryBytes, maxBytes)
  return Object.freeze({
    maxBytes,
    maxEntryBytes: checkInteger('cache.maxEntryBytes', options.maxEntryBytes ?? largest, 0, maxBytes),
    levels: checkLevels('cache.levels', defaults.levels, options.levels),
    encode,
    directory,
    maxDiskBytes: checkInteger(
      'cache.maxDiskBytes',
      options.maxDiskBytes ?? defaults.maxDiskBytes,
      0,
      MAX_BYTES,
    ),
  })
}

function checkLevels(
  name: string,
  defaults: Readonly<Levels>,
  given: Partial<Levels> = {},
): Readonly<Levels> {
  const levels = { ...defaults, ...given }
  checkInteger(`${name}.gzip`, levels.gzip, 1, 9)
  checkInteger(`${name}.br`, levels.br, 0, 11)
  checkInteger(`${name}.zstd`, levels.zstd, 1, 19)
  return Object.freeze(levels)
}

const MAX_BYTES = Number.MAX_SAFE_INTEGER

function checkCodings(codings: readonly Coding[]): readonly Coding[] {
  if (!Array.isArray(codings) || codings.length === 0) {
    throw new TypeError(
      `compress: codings must be a list such as ['br', 'gzip'], got ${JSON.stringify(codings)}`,
    )
  }
  for (const coding of codings) {
    if (typeof coding !== 'string' || !isCoding(coding)) {
      throw new TypeError(
        `compress: codings must be of 'br', 'zstd' and 'gzip', got ${JSON.stringify(coding)}`,
      )
    }
    if (!AVAILABLE_CODINGS.includes(coding)) {
      throw new TypeError(
        `compress: codings names '${coding}', which this Node does not have (zstd needs 22.15)`,
      )
    }
  }
  return Object.freeze([...new Set(codings)])
}

function checkInteger(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new TypeError(
    `compress: ${name} must be an integer from ${min} to ${max}, got ${JSON.stringify(value)}`,
  )
}
