import { evaluatePreconditions, parseRange, rangeApplies } from '@tsws/headers'
import type { ByteRange } from '@tsws/headers'

/** What of a request decides how a file is sent: `HttpHeaders`, Fetch's `Headers`, or anything else with `get`. */
export interface FieldReader {
  /** The lines of a field joined by `, `, or null. Names are asked for in lower case. */
  get(name: string): string | null
}

/** What is known of one representation of a file, all of it from the opened file. */
export interface Validators {
  /** Bytes. */
  readonly size: number
  readonly etag: string | null
  /** Milliseconds since 1970; null when the file's time says nothing. */
  readonly lastModified: number | null
}

/** 200, 304, 412, 416, or 206 with what to send. */
export type Selection =
  | { readonly status: 200 | 304 | 412 | 416; readonly ranges: null }
  | { readonly status: 206; readonly ranges: readonly ByteRange[] }

/**
 * What a GET or HEAD of an existing representation is answered with, in the order of RFC 9110 §13.2.2:
 * preconditions first, then `If-Range`, then `Range`. Pure.
 */
export function selectContent(method: string, fields: FieldReader, facts: Validators): Selection {
  const outcome = evaluatePreconditions(
    method,
    {
      ifMatch: fields.get('if-match'),
      ifNoneMatch: fields.get('if-none-match'),
      ifModifiedSince: fields.get('if-modified-since'),
      ifUnmodifiedSince: fields.get('if-unmodified-since'),
    },
    facts,
  )
  if (outcome === 'failed') return FAILED
  if (outcome === 'not-modified') return NOT_MODIFIED
  // §14.2: Range is defined for GET alone; HEAD tells of the whole.
  if (method !== 'GET') return WHOLE
  const range = fields.get('range')
  if (range === null || !rangeApplies(fields.get('if-range'), facts)) return WHOLE
  const parsed = parseRange(range, facts.size)
  if (parsed.kind === 'ignore') return WHOLE
  if (parsed.kind === 'unsatisfiable') return UNSATISFIABLE
  return { status: 206, ranges: parsed.ranges }
}

/** Whether the answer can be anything but the whole. The usual request has none of these fields. */
export function isPlain(fields: FieldReader): boolean {
  return (
    fields.get('if-none-match') === null &&
    fields.get('if-modified-since') === null &&
    fields.get('range') === null &&
    fields.get('if-match') === null &&
    fields.get('if-unmodified-since') === null
  )
}

const WHOLE: Selection = Object.freeze({ status: 200, ranges: null })
const NOT_MODIFIED: Selection = Object.freeze({ status: 304, ranges: null })
const FAILED: Selection = Object.freeze({ status: 412, ranges: null })
const UNSATISFIABLE: Selection = Object.freeze({ status: 416, ranges: null })
