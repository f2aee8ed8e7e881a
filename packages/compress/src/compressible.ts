/**
 * Whether content of that media type shrinks: `essence` is `type/subtype` in lower case, without parameters.
 * Text in all its forms, structured data by suffix (RFC 6839), and the few binary formats that are not packed already.
 */
export function isCompressible(essence: string): boolean {
  return TEXT.test(essence) || SUFFIX.test(essence) || OTHERS.has(essence)
}

/** `isCompressible` of a `Content-Type` value as it stands; remembers the few a server uses. */
export function isCompressibleField(contentType: string): boolean {
  const known = remembered.get(contentType)
  if (known !== undefined) return known
  const semicolon = contentType.indexOf(';')
  const essence = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
  const compressible = isCompressible(essence)
  if (remembered.size < MAX_REMEMBERED) remembered.set(contentType, compressible)
  return compressible
}

const TEXT = /^text\/[^ ]+$/
const SUFFIX = /^[a-z]+\/[^ ]+\+(?:json|xml|text|yaml)$/
const OTHERS: ReadonlySet<string> = new Set([
  'application/atom+xml',
  'application/dart',
  'application/ecmascript',
  'application/eot',
  'application/geo+json-seq',
  'application/graphql',
  'application/javascript',
  'application/json',
  'application/json-seq',
  'application/json5',
  'application/jsonl',
  'application/ndjson',
  'application/pgp-keys',
  'application/postscript',
  'application/rtf',
  'application/sql',
  'application/tar',
  'application/toml',
  'application/trig',
  'application/typescript',
  'application/vnd.apple.mpegurl',
  'application/vnd.ms-fontobject',
  'application/vnd.ms-opentype',
  'application/wasm',
  'application/x-bibtex',
  'application/x-font-opentype',
  'application/x-font-truetype',
  'application/x-font-ttf',
  'application/x-httpd-php',
  'application/x-javascript',
  'application/x-json',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-sql',
  'application/x-tar',
  'application/x-tex',
  'application/x-typescript',
  'application/x-www-form-urlencoded',
  'application/x-yaml',
  'application/xml',
  'application/xml-dtd',
  'application/yaml',
  'audio/midi',
  'audio/wav',
  'audio/x-wav',
  'font/collection',
  'font/otf',
  'font/sfnt',
  'font/ttf',
  'image/bmp',
  'image/vnd.microsoft.icon',
  'image/x-icon',
  'image/x-ms-bmp',
  'image/x-portable-bitmap',
  'image/x-portable-graymap',
  'image/x-portable-pixmap',
  'model/gltf-binary',
  'model/obj',
  'model/stl',
  'multipart/form-data',
])

/** Entries: media types made up by a handler per answer must not fill memory. */
const MAX_REMEMBERED = 256
const remembered = new Map<string, boolean>()
