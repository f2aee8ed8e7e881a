/** A request path that may name a file: decoded once, normalised once. */
export interface RequestPath {
  readonly kind: 'path'
  /** Starts with one `/`, ends with none (but for the root itself): no empty, `.` or `..` segment is left. */
  readonly path: string
  /** The path asked for a directory: it ended with `/`, `/.` or `/..`. */
  readonly directory: boolean
}

/** A path that will never reach the file system. */
export interface RefusedPath {
  readonly kind: 'refused'
  /**
   * `malformed`: no sound path at all (400). `unmappable`: no file can have this name here (404).
   * `hidden`: a dotfile, or below a dot directory (404).
   */
  readonly because: 'malformed' | 'unmappable' | 'hidden'
  /** For the log and for a 400: never holds the path itself. */
  readonly reason: string
}

export interface PathRules {
  /** @default 'hide' */
  dotfiles?: 'hide' | 'serve'
  /** Which file system's traps to avoid, as `process.platform`. @default the current one */
  platform?: string
}

/**
 * Turns the path of a request-target into the path of a file below the root. Everything that is decided about a
 * path is decided here, on the text that will be opened: what follows never decodes or normalises again
 * (CWE-22, CWE-158, CWE-174). Pure: nothing is read.
 *
 * @param pathname the path as received, percent-encoded, without the query
 */
export function parseRequestPath(pathname: string, rules: PathRules = {}): RequestPath | RefusedPath {
  if (pathname.length > MAX_PATH_CHARS) return TOO_LONG
  if (!RAW_PATH.test(pathname)) return MALFORMED_RAW
  const decoded = decodeOnce(pathname)
  if (typeof decoded !== 'string') return decoded

  const segments: string[] = []
  let directory = true
  for (const segment of decoded.split('/')) {
    directory = segment === '' || segment === '.' || segment === '..'
    if (segment === '' || segment === '.') continue // `//` is `/`: Location could otherwise name a host
    if (segment === '..') {
      if (segments.length === 0) return ABOVE_ROOT
      segments.pop()
      continue
    }
    segments.push(segment)
  }
  return checkSegments(segments, rules) ?? { kind: 'path', path: `/${segments.join('/')}`, directory }
}

/** The one percent-encoded spelling of a decoded path: what `Location` says, and the key of the cache. */
export function encodePath(path: string): string {
  if (NEEDS_NO_ENCODING.test(path)) return path
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent)
}

/** Characters of a path as received. Linux's PATH_MAX is 4096 bytes; the same text may arrive three times as long. */
const MAX_PATH_CHARS = 3 * 4096
/** Bytes of one decoded name: NAME_MAX of Linux, macOS and NTFS (there characters). */
const MAX_NAME_BYTES = 255
/** Bytes of a decoded path: PATH_MAX of Linux. */
const MAX_PATH_BYTES = 4096

// RFC 3986 §3.3 is stricter still, but clients do send `|`, `[` and `"` as they are. Outside of ASCII nothing may.
const RAW_PATH = /^\/[\x21-\x7e]*$/
const NEEDS_NO_ENCODING = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/
// A separator that arrives encoded is data in a name, and no file system lets it be (CWE-22).
const ENCODED_SEPARATOR = /%(?:2f|5c)/i
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/

const TOO_LONG = refuse('unmappable', 'the path is longer than a file system allows')
const MALFORMED_RAW = refuse('malformed', 'the path holds characters that must be percent-encoded')
const BAD_ENCODING = refuse('malformed', 'the path is not percent-encoded UTF-8')
const HAS_CONTROL = refuse('malformed', 'the path holds a control character')
const HAS_SEPARATOR = refuse('unmappable', 'the path holds an encoded slash or a backslash')
const ABOVE_ROOT = refuse('malformed', 'the path climbs above the root')
const NAME_TOO_LONG = refuse('unmappable', 'a name in the path is longer than a file system allows')
const HIDDEN = refuse('hidden', 'the path names a dotfile')
const DRIVE = refuse('unmappable', 'the path names a drive')
const MAC_NAME = refuse('unmappable', 'the path names a fork of a file')
const WINDOWS_NAME = refuse('unmappable', 'the path holds a name that Windows reads as another')

function refuse(because: RefusedPath['because'], reason: string): RefusedPath {
  return Object.freeze({ kind: 'refused', because, reason })
}

function decodeOnce(pathname: string): string | RefusedPath {
  if (pathname.includes('\\') || ENCODED_SEPARATOR.test(pathname)) return HAS_SEPARATOR
  if (!pathname.includes('%')) return CONTROL.test(pathname) ? HAS_CONTROL : pathname
  try {
    const decoded = decodeURIComponent(pathname) // refuses overlong forms and lone surrogates (RFC 3629 §3)
    return CONTROL.test(decoded) ? HAS_CONTROL : decoded
  } catch {
    return BAD_ENCODING
  }
}

function checkSegments(segments: readonly string[], rules: PathRules): RefusedPath | null {
  const platform = rules.platform ?? process.platform
  const hides = rules.dotfiles !== 'serve'
  let bytes = 0
  for (const [index, segment] of segments.entries()) {
    const size = Buffer.byteLength(segment)
    if (size > MAX_NAME_BYTES) return NAME_TOO_LONG
    bytes += size + 1
    // RFC 8615 §3: `.well-known` is public, at the top and nowhere else.
    if (hides && segment.charCodeAt(0) === DOT && !(index === 0 && segment === '.well-known')) return HIDDEN
    if (DRIVE_LETTER.test(segment)) return DRIVE
    if (platform === 'win32' && WINDOWS_TRAP.test(segment)) return WINDOWS_NAME
    if (platform === 'darwin') {
      if (hides && MAC_DOT.test(segment)) return HIDDEN
      if (MAC_FORK.test(segment)) return MAC_NAME
    }
  }
  return bytes > MAX_PATH_BYTES ? TOO_LONG : null
}

const DOT = 0x2e
const DRIVE_LETTER = /^[A-Za-z]:$/
// Streams (`a.txt::$DATA`), wildcards, trailing dots and spaces (dropped when opened), short names (`GIT~1`), devices.
// A device is one whatever stands behind its name, and `COM¹` is `COM1`.
const WINDOWS_TRAP = /[:*?"<>|]|[. ]$|~\d|^(?:con|prn|aux|nul|(?:com|lpt)[\d¹²³]|conin\$|conout\$) *(?:\.|$)/i
// HFS+ passes over characters that show nothing, in front of a dot too.
const MAC_DOT = /^[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]+\./
// A file's resource fork, or its content by another name.
const MAC_FORK = /^\.\.namedfork$/i
