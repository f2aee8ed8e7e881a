import { mimes } from 'mrmime'

/**
 * The `Content-Type` of a file by its name (RFC 9110 §8.3). Text says that it is UTF-8; XML says itself what it is
 * (RFC 7303 §3), and JSON has no choice (RFC 8259 §8.1).
 *
 * @param overrides by extension without its dot, or by whole file name; both in lower case, values sent as they are
 */
export function mediaTypeOf(path: string, overrides: ReadonlyMap<string, string> = NO_OVERRIDES): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  const dot = name.lastIndexOf('.')
  const extension = dot < 0 ? '' : name.slice(dot + 1)
  const overridden = overrides.get(name) ?? overrides.get(extension)
  if (overridden !== undefined) return overridden
  const known = TYPES.get(name) ?? TYPES.get(extension)
  if (known !== undefined) return known
  return Object.hasOwn(mimes, extension) ? withCharset(mimes[extension] as string) : UNKNOWN // `a.constructor`
}

/**
 * Whether compressing content of this type is worth it, so that answers may differ by `Accept-Encoding`:
 * images, video, fonts and archives are compressed already.
 */
export function isCompressible(contentType: string): boolean {
  const semicolon = contentType.indexOf(';')
  const essence = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
  return essence.startsWith('text/') || COMPRESSIBLE_SUFFIX.test(essence) || COMPRESSIBLE.has(essence)
}

/**
 * Whether somebody may have compressed such a file ahead of time: besides text, data of no known type (`game.data.br`,
 * 3D models). Looking for siblings of every image would be for nothing.
 */
export function mayHaveSiblings(contentType: string): boolean {
  return isCompressible(contentType) || /^(?:application\/octet-stream|model\/)/.test(contentType)
}

const NO_OVERRIDES: ReadonlyMap<string, string> = new Map()
const UNKNOWN = 'application/octet-stream'

/** Where the table we build on is silent, out of date, or says what browsers do not take. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['js', 'text/javascript; charset=utf-8'], // RFC 9239
  ['mjs', 'text/javascript; charset=utf-8'],
  ['cjs', 'text/javascript; charset=utf-8'],
  ['ico', 'image/x-icon'],
  ['avif', 'image/avif'],
  ['jxl', 'image/jxl'],
  ['m4a', 'audio/mp4'],
  ['xml', 'text/xml'],
  ['webmanifest', 'application/manifest+json'],
  ['apple-app-site-association', 'application/json'], // has no extension, and iOS insists
])

/** Text in all but name. `application/wasm` and uncompressed fonts shrink by half. */
const COMPRESSIBLE: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/javascript',
  'application/json',
  'application/json5',
  'application/msword',
  'application/pgp-keys',
  'application/postscript',
  'application/rtf',
  'application/sql',
  'application/toml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/x-httpd-php',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-tar',
  'application/xml',
  'application/yaml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/x-icon',
  'image/vnd.microsoft.icon',
])
const COMPRESSIBLE_SUFFIX = /\+(?:json|xml|text|yaml)$/

function withCharset(type: string): string {
  if (!type.startsWith('text/') || type === 'text/xml') return type
  return `${type}; charset=utf-8`
}
