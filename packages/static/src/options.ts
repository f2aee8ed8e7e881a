import { HeaderBlock } from '@tsws/http'
import { ARCHIVE_FORMATS } from './archive.ts'
import type { ArchiveFormat } from './archive.ts'
import { cacheControlByRule, defaultCacheControl } from './cache-control.ts'
import type { CacheControlRule } from './cache-control.ts'
import { compileHeaderRules } from './header-rules.ts'
import type { CompiledRule, HeaderRule } from './header-rules.ts'

/** A content-coding a build step leaves beside a file: `app.js.br`, `app.js.zst`, `app.js.gz`. */
export type Coding = 'br' | 'zstd' | 'gzip'

export interface CacheOptions {
  /** Bytes of file content kept in memory. 0 keeps none. @default 67_108_864 (64 MiB) */
  maxBytes?: number
  /** Bytes of the largest file kept; larger ones are read from disk each time. @default 1_048_576 (1 MiB) */
  maxEntryBytes?: number
  /** Files remembered, with or without their content. @default 16_384 */
  maxEntries?: number
}

export interface StaticOptions {
  /** The file that answers for a directory; false for none. @default 'index.html' */
  index?: string | false
  /** Path under which the root appears: `/app` serves `root/a.txt` at `/app/a.txt`. @default '/' */
  base?: string
  /** `/about` answers with `about.html`, and `/about.html` redirects to `/about`. @default false */
  cleanUrls?: boolean
  /**
   * For single-page applications: the file (below the root) that answers a GET or HEAD for which no file was found, if it
   * accepts `text/html` and its last segment has no extension. `true` is `index.html`. @default false
   */
  spa?: boolean | string
  /** The page (below the root) for what was not found, with status 404. Without it `next` is called. @default false */
  notFoundPage?: string | false
  /** Whether a directory without an index is shown as a page, or as JSON to who prefers it. @default false */
  listing?: boolean
  /** Formats in which a directory can be downloaded: `/a/?archive=zip`; false for none. @default false */
  archives?: readonly ArchiveFormat[] | false
  /** Whether names that start with a dot are served; `.well-known` at the top always is (RFC 8615). @default 'hide' */
  dotfiles?: 'hide' | 'serve'
  /** Whether a symbolic link may lead out of the root. @default false */
  followSymlinks?: boolean
  /** Precompressed siblings to look for, the preferred first; false for none. @default ['br', 'zstd', 'gzip'] */
  precompressed?: readonly Coding[] | false
  /** Content kept in memory; false for none. @default {} */
  cache?: CacheOptions | false
  /**
   * Milliseconds until a remembered file is looked at again: a change on disk shows after at most this long.
   * 0 looks at every request. @default 1000
   */
  revalidateInterval?: number
  /** The tree never changes while the server runs: a file is looked at once. @default false */
  immutable?: boolean
  /**
   * `Cache-Control`, by the path of the file below the root; null for none. The default says `immutable` for a year to
   * names with a hash of the content, and `no-cache` (ask again each time) to all others. A list of rules goes over that
   * default by path, the later rule winning: `{ path: '/fonts/*', value: 'public, max-age=604800' }`.
   */
  cacheControl?: string | false | readonly CacheControlRule[] | ((path: string) => string | null)
  /** Fields by path, in order, the later rule winning: `{ path: '/fonts/*', headers: { … } }`. @default [] */
  headers?: readonly HeaderRule[]
  /** `Content-Type` by extension (without its dot) or whole file name, sent as given. @default {} */
  mediaTypes?: Readonly<Record<string, string>>
}

/** What is used at run time: checked, complete, never changed. */
export interface ResolvedOptions {
  readonly index: string | null
  /** `''`, or `/app`. */
  readonly base: string
  readonly cleanUrls: boolean
  readonly spa: string | null
  readonly notFoundPage: string | null
  readonly listing: boolean
  readonly archives: readonly ArchiveFormat[]
  readonly dotfiles: 'hide' | 'serve'
  readonly followSymlinks: boolean
  readonly precompressed: readonly Coding[]
  readonly maxBytes: number
  readonly maxEntryBytes: number
  readonly maxEntries: number
  readonly revalidateInterval: number
  readonly cacheControl: (path: string) => string | null
  readonly headers: readonly CompiledRule[]
  readonly mediaTypes: ReadonlyMap<string, string>
}

export const DEFAULTS = Object.freeze({
  index: 'index.html',
  // Smallest first: what is compressed ahead of time was compressed as hard as it goes, and brotli then is smallest.
  precompressed: Object.freeze(['br', 'zstd', 'gzip']) as readonly Coding[],
  // A built site of a few thousand files fits; a small container is not filled by it.
  maxBytes: 64 * 1024 * 1024,
  // Pages, scripts, styles and most images; from here on, reading costs little beside sending.
  maxEntryBytes: 1024 * 1024,
  // What is remembered of a file without its content takes about 2 KB, so 32 MB at most.
  maxEntries: 16_384,
  // A person who saves and reloads does not notice a second; a busy file costs one `stat` in it.
  revalidateInterval: 1000,
})

/** @throws {TypeError} naming the option, what was given and what is expected */
export function resolveOptions(options: StaticOptions = {}): ResolvedOptions {
  rejectUnknown(options)
  const cache = options.cache === false ? { maxBytes: 0 } : (options.cache ?? {})
  rejectUnknownCache(cache)
  return Object.freeze({
    index: fileName('index', options.index ?? DEFAULTS.index),
    base: basePath(options.base ?? '/'),
    cleanUrls: flag('cleanUrls', options.cleanUrls ?? false),
    spa: pagePath('spa', options.spa === true ? 'index.html' : (options.spa ?? false)),
    notFoundPage: pagePath('notFoundPage', options.notFoundPage ?? false),
    listing: flag('listing', options.listing ?? false),
    archives: archives(options.archives ?? false),
    dotfiles: oneOf('dotfiles', options.dotfiles ?? 'hide', ['hide', 'serve'] as const),
    followSymlinks: flag('followSymlinks', options.followSymlinks ?? false),
    precompressed: codings(options.precompressed ?? DEFAULTS.precompressed),
    maxBytes: count('cache.maxBytes', cache.maxBytes ?? DEFAULTS.maxBytes),
    maxEntryBytes: count('cache.maxEntryBytes', cache.maxEntryBytes ?? DEFAULTS.maxEntryBytes),
    maxEntries: count('cache.maxEntries', cache.maxEntries ?? DEFAULTS.maxEntries),
    revalidateInterval: flag('immutable', options.immutable ?? false)
      ? Infinity
      : count('revalidateInterval', options.revalidateInterval ?? DEFAULTS.revalidateInterval),
    cacheControl: cacheControlOf(options.cacheControl),
    headers: compileHeaderRules(options.headers ?? []),
    mediaTypes: typeTable(options.mediaTypes ?? {}),
  })
}

const KNOWN: ReadonlySet<string> = new Set<keyof StaticOptions>([
  'index',
  'base',
  'cleanUrls',
  'spa',
  'notFoundPage',
  'listing',
  'archives',
  'dotfiles',
  'followSymlinks',
  'precompressed',
  'cache',
  'revalidateInterval',
  'immutable',
  'cacheControl',
  'headers',
  'mediaTypes',
])
const KNOWN_CACHE: ReadonlySet<string> = new Set<keyof CacheOptions>([
  'maxBytes',
  'maxEntryBytes',
  'maxEntries',
])

/** A misspelt option that is silently ignored would be a hole: `dotFiles`, `followSymLinks`. */
function rejectUnknown(options: object): void {
  for (const name of Object.keys(options))
    if (!KNOWN.has(name))
      throw new TypeError(`serveStatic: no option ${name}; there are ${[...KNOWN].join(', ')}`)
}

function rejectUnknownCache(cache: object): void {
  for (const name of Object.keys(cache))
    if (!KNOWN_CACHE.has(name))
      throw new TypeError(`serveStatic: no option cache.${name}; there are ${[...KNOWN_CACHE].join(', ')}`)
}

function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw wrong(name, 'true or false', value)
}

function count(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw wrong(name, 'a whole number, 0 or more', value)
}

function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  throw wrong(name, allowed.map((one) => `'${one}'`).join(' or '), value)
}

function fileName(name: string, value: unknown): string | null {
  if (value === false) return null
  if (typeof value === 'string' && /^[^/\\\0]+$/.test(value) && value !== '.' && value !== '..') return value
  throw wrong(name, "a file name such as 'index.html', or false", value)
}

/** A file below the root as a path that starts with `/`. */
function pagePath(name: string, value: unknown): string | null {
  if (value === false) return null
  const path = typeof value === 'string' ? `/${value.replace(/^\/+/, '')}` : ''
  if (/^(?:\/[^/\\\0]+)+$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path)) return path
  throw wrong(name, "the path of a file below the root, such as '404.html', or false", value)
}

function basePath(value: unknown): string {
  if (
    typeof value === 'string' &&
    /^(?:\/[\w.~!$&'()*+,;=:@-]+)*\/?$/.test(value) &&
    !/\/\.\.?(?:\/|$)/.test(value)
  )
    return value.endsWith('/') ? value.slice(0, -1) : value
  throw wrong('base', "a path such as '/app'", value)
}

function codings(value: unknown): readonly Coding[] {
  if (value === false) return []
  if (!Array.isArray(value))
    throw wrong('precompressed', "a list of 'br', 'zstd' and 'gzip', or false", value)
  return Object.freeze(value.map((coding) => oneOf('precompressed', coding, ['br', 'zstd', 'gzip'] as const)))
}

function archives(value: unknown): readonly ArchiveFormat[] {
  if (value === false) return []
  if (!Array.isArray(value)) throw wrong('archives', "a list of 'tar.gz' and 'zip', or false", value)
  return Object.freeze(value.map((format) => oneOf('archives', format, ARCHIVE_FORMATS)))
}

function cacheControlOf(value: StaticOptions['cacheControl']): (path: string) => string | null {
  if (value === undefined) return defaultCacheControl
  if (typeof value === 'function') return value
  if (value === false) return () => null
  if (Array.isArray(value)) return cacheControlByRule(value as readonly CacheControlRule[])
  if (typeof value !== 'string')
    throw wrong('cacheControl', 'a field value, a list of rules, a function of the path, or false', value)
  void new HeaderBlock({ 'Cache-Control': value }) // refuses what a field cannot carry, here and not at a request
  return () => value
}

function typeTable(types: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  void new HeaderBlock(Object.values(types).map((type) => ['Content-Type', type] as const))
  return new Map(Object.entries(types).map(([name, type]) => [name.replace(/^\./, '').toLowerCase(), type]))
}

function wrong(name: string, expected: string, value: unknown): TypeError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return new TypeError(`serveStatic: ${name} must be ${expected}, got ${shown}`)
}
