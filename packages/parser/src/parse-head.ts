import { METHOD, NEED_MORE, FAILED } from './head-scan.ts'
import { resolveOptions } from './options.ts'
import type { ParserOptions } from './options.ts'
import { excerptOf, ParseError } from './parse-error.ts'
import type { RequestHead } from './request-head.ts'
import { plainRequestHead } from './plain-request.ts'
import { endRequestHead, scanRequestHead } from './scan-request-head.ts'
import { SplitHead } from './split-head.ts'
import { loadWindow, nextChunkKey, sharedScan } from './window.ts'

/** What `parseHead` makes of some bytes. */
export type ParseHeadResult =
  | { readonly type: 'head'; readonly head: RequestHead; /** Where the body begins. */ readonly end: number }
  | { readonly type: 'incomplete' }
  | { readonly type: 'error'; readonly error: ParseError }

const INCOMPLETE: ParseHeadResult = Object.freeze({ type: 'incomplete' })

/**
 * Reads one request head from `bytes[from]` up to `bytes[to]`: bytes in, value out. It keeps no state, so calling it
 * again and again while bytes come one by one is quadratic: `RequestParser` is for that. Empty lines are not skipped.
 * Offsets in errors count from the beginning of `bytes`.
 *
 * Throws a `RangeError` if `from` and `to` do not lie in `bytes`, and a `TypeError` for an invalid option.
 */
export function parseHead(
  bytes: Uint8Array,
  from = 0,
  to = bytes.length,
  options?: ParserOptions,
): ParseHeadResult {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= bytes.length)) {
    throw new RangeError(`parseHead: ${from} to ${to} is not a part of ${bytes.length} bytes`)
  }
  const chunk = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to)
  const resolved = resolveOptions(options)
  loadWindow(nextChunkKey(), chunk, 0)
  const plain = plainRequestHead(chunk, 0, 0, resolved)
  if (plain !== null) return { type: 'head', head: plain, end: from + sharedScan.position }
  const split = new SplitHead(resolved, METHOD, scanRequestHead)
  const { scan } = split
  const progress = split.append(chunk, 0)
  if (progress === NEED_MORE) return INCOMPLETE
  const head = progress === FAILED ? null : endRequestHead(scan, scan.bytes, 0)
  if (head !== null) return { type: 'head', head, end: from + scan.position }
  const excerpt = excerptOf(scan.bytes, 0, scan.failedAt)
  return { type: 'error', error: new ParseError(scan.failure, from + scan.failedAt, excerpt) }
}
