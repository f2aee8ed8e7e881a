/** A content coding this package can apply (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export type Coding = 'br' | 'zstd' | 'gzip'

/** Whether this Node has zstd: since 22.15. */
export const HAS_ZSTD: boolean = 'zstd' in process.versions

/** What this Node can apply, the preferred first. */
export const AVAILABLE_CODINGS: readonly Coding[] = Object.freeze(
  // At the levels for answers made on the fly, brotli is both the smallest and, for text, about as cheap as zstd.
  HAS_ZSTD ? (['br', 'zstd', 'gzip'] as const) : (['br', 'gzip'] as const),
)

export function isCoding(value: string): value is Coding {
  return value === 'br' || value === 'zstd' || value === 'gzip'
}
