import { HeaderBlock } from '@tsws/http'
import { compilePattern } from './path-pattern.ts'

/** `Cache-Control` for the files whose path matches. */
export interface CacheControlRule {
  /** Path of the file below the root, where `*` stands for any run of characters: `/fonts/*`, `*.pdf`. */
  path: string
  /** The field's value; null sends none. */
  value: string | null
}

/** A year, the longest time a cache is asked to keep anything (RFC 9111 §5.2.2.1 sets no limit; a year is the custom). */
const YEAR_SECONDS = 31_536_000

export const IMMUTABLE = `public, max-age=${YEAR_SECONDS}, immutable`
export const REVALIDATE = 'no-cache'

/**
 * The `Cache-Control` of a file by its path, where no rule says otherwise: a name that carries a hash of its content
 * never changes (RFC 8246), everything else is kept but asked for again each time (RFC 9111 §5.2.2.4), which costs a 304
 * and never shows an old page.
 */
export function defaultCacheControl(path: string): string {
  return isHashedName(path) ? IMMUTABLE : REVALIDATE
}

/**
 * The last rule that matches, over the default.
 * @throws {TypeError} when a rule is not one
 */
export function cacheControlByRule(rules: readonly CacheControlRule[]): (path: string) => string | null {
  const compiled = rules.map((rule: CacheControlRule, index) => {
    const { path, value } = rule ?? {}
    if (typeof path !== 'string' || (typeof value !== 'string' && value !== null))
      throw new TypeError(`serveStatic: cacheControl[${index}] must be { path, value }`)
    void new HeaderBlock({ 'Cache-Control': value ?? '' }) // refuses what a field cannot carry, here and not at a request
    return { pattern: compilePattern(path), value }
  })
  return (path) => {
    const rule = compiled.findLast(({ pattern }) => pattern.test(path))
    return rule === undefined ? defaultCacheControl(path) : rule.value
  }
}

/**
 * Whether a build tool put a hash of the content into the name. A wrong yes would freeze a file in browsers for
 * a year, a wrong no costs a 304: so in doubt no. `report-20240102.pdf` is a date, `main-document.js` is a word.
 */
export function isHashedName(path: string): boolean {
  const hex = HEX_HASH.exec(path)?.[1]
  if (hex !== undefined) return HAS_DIGIT.test(hex) && HAS_LETTER.test(hex)
  const code = TEXT_HASH.exec(path)?.[1]
  return (
    code !== undefined &&
    BUILD_FOLDER.test(path) &&
    HAS_DIGIT.test(code) &&
    HAS_UPPER.test(code) &&
    !path.endsWith('.html')
  )
}

// webpack, Parcel, Rails: `app.4f3a9c1b.js`, `app-4f3a9c1b.js`, `4f3a9c1b2d3e4f5a.js`, 8 to 64 hex digits
const HEX_HASH = /[/.\-_]([0-9a-f]{8,64})(?:\.(?:chunk|bundle|min|module))?\.(?!html?$)[a-z0-9]+(?:\.map)?$/
// Rollup and esbuild: `index-BxY3z12a.js`: eight characters of base64url, told from words by the folder they lie in
const TEXT_HASH = /[.\-_]([A-Za-z0-9_-]{8})\.[a-z0-9]+(?:\.map)?$/
const BUILD_FOLDER = /\/(?:assets|immutable|chunks|_astro|_next|_nuxt|_app|_assets)\//
const HAS_DIGIT = /\d/
const HAS_LETTER = /[a-f]/
const HAS_UPPER = /[A-Z]/
