import { AVAILABLE_CODINGS, isCoding } from './coding.ts'
import type { Coding } from './coding.ts'
import { FAST_LEVELS } from './levels.ts'
import type { Levels } from './levels.ts'

export interface CompressOptions {
  /**
   * The content codings to offer, the preferred first: it wins where the client ranks several equal.
   * @default ['br', 'zstd', 'gzip'], without zstd before Node 22.15
   */
  codings?: readonly Coding[]
  /** Bytes: what is known to be shorter is sent as it is. @default 1024 */
  threshold?: number
  /** How hard to compress while the client waits. @default { gzip: 6, br: 4, zstd: 3 } */
  levels?: Partial<Levels>
  /** Compressions under way at a time; an answer beyond is sent as it is, and counted. @default 128 */
  maxConcurrent?: number
}

/** What is used at run time: checked and complete. */
export interface ResolvedOptions {
  readonly codings: readonly Coding[]
  readonly threshold: number
  readonly levels: Readonly<Levels>
  readonly maxConcurrent: number
}

export const DEFAULTS: ResolvedOptions = Object.freeze({
  codings: AVAILABLE_CODINGS,
  // A head and 1 KiB share the first packet (about 1400 bytes) as they are: fewer bytes would not arrive sooner.
  threshold: 1024,
  levels: FAST_LEVELS,
  // A compressor holds 0.3 MiB (gzip) to about 1.5 MiB (brotli): at worst some 200 MiB, on a machine with that many
  // slow readers at once.
  maxConcurrent: 128,
})

/** @throws {TypeError} that names the option, what was given and what was expected */
export function resolveOptions(options: CompressOptions = {}): ResolvedOptions {
  const levels = { ...FAST_LEVELS, ...options.levels }
  checkInteger('levels.gzip', levels.gzip, 1, 9)
  checkInteger('levels.br', levels.br, 0, 11)
  checkInteger('levels.zstd', levels.zstd, 1, 19)
  return Object.freeze({
    codings: checkCodings(options.codings ?? DEFAULTS.codings),
    threshold: checkInteger('threshold', options.threshold ?? DEFAULTS.threshold, 0, MAX_BYTES),
    levels: Object.freeze(levels),
    maxConcurrent: checkInteger('maxConcurrent', options.maxConcurrent ?? DEFAULTS.maxConcurrent, 1, 65_536),
  })
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
