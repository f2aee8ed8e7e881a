import {
  createCodingNegotiator,
  evaluatePreconditions,
  formatContentRange,
  formatUnsatisfiedRange,
  parseRange,
  rangeApplies,
} from '@tsws/headers'
import type { ByteRange } from '@tsws/headers'
import { HeaderBlock } from '@tsws/http'
import { planMultipart } from './multipart.ts'
import type { Piece } from './multipart.ts'
import type { Representation, Validators } from './representation.ts'

/** What of a request decides how a file is sent: `HttpHeaders`, Fetch's `Headers`, or anything else with `get`. */
export interface FieldReader {
  /** The lines of a field joined by `, `, or null. Names are asked for in lower case. */
  get(name: string): string | null
}

/** How a GET or HEAD of a file is answered. */
export interface AnswerPlan {
  readonly status: 200 | 206 | 304 | 412 | 416
  /** Fields made once and shared. */
  readonly block: HeaderBlock
  /** Fields of this answer alone, each over one of the block with the same name. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The content, in order: stretches of the file, and bytes between them. Of a HEAD, what a GET would send. */
  readonly pieces: readonly Piece[]
  /** Bytes of all pieces. */
  readonly length: number
}

/** Pure: the whole of RFC 9110 §13 and §14 for one representation. */
export function planAnswer(method: string, fields: FieldReader, representation: Representation): AnswerPlan {
  const selection = selectContent(method, fields, representation)
  switch (selection.status) {
    case 200:
      return planWhole(representation)
    case 206:
      return planRanges(representation, selection.ranges)
    case 304:
      return { status: 304, block: representation.notModified, fields: [], pieces: [], length: 0 }
    case 412:
      return planText(412, 'Precondition Failed\n', [])
    case 416:
      return planText(416, 'Range Not Satisfiable\n', [
        ['Content-Range', formatUnsatisfiedRange(representation.size)],
      ])
  }
}

export function planWhole(representation: Representation): AnswerPlan {
  const { whole, size } = representation
  return { status: 200, block: whole, fields: [], pieces: [{ start: 0, end: size }], length: size }
}

/**
 * The status of the requests that nearly all are: 200 for one without conditions, 304 for one that sends back the very tag
 * or date it was given. 0 for any other: `planAnswer` knows. The order is that of RFC 9110 §13.2.2.
 */
export function usualStatus(fields: FieldReader, representation: Representation): 200 | 304 | 0 {
  if (fields.get('if-match') !== null || fields.get('if-unmodified-since') !== null) return 0
  const tag = fields.get('if-none-match')
  if (tag !== null) return tag === representation.etag ? 304 : 0
  const date = fields.get('if-modified-since')
  if (date !== null) return date === representation.lastModifiedText ? 304 : 0
  return fields.get('range') === null ? 200 : 0
}

type Selection =
  | { readonly status: 200 | 304 | 412 | 416 }
  | { readonly status: 206; readonly ranges: readonly ByteRange[] }

/** In the order of RFC 9110 §13.2.2: preconditions first, then `If-Range`, then `Range`. */
function selectContent(method: string, fields: FieldReader, facts: Representation): Selection {
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
  if (range === null) return WHOLE
  const ifRange = fields.get('if-range')
  if (ifRange !== null && !rangeApplies(ifRange, validatorsOfPart(fields, facts))) return WHOLE
  const parsed = parseRange(range, facts.size)
  if (parsed.kind === 'ignore') return WHOLE
  if (parsed.kind === 'unsatisfiable') return UNSATISFIABLE
  return { status: 206, ranges: parsed.ranges }
}

/**
 * What can tell that a part is of the very bytes that the client has another part of. The date cannot, where those may have
 * come in a coding, whoever made it: all codings of a file have the one date, and what several representations share is no
 * strong validator (RFC 9110 §8.8.1, §13.1.5). Browsers resume by the date where the tag is weak.
 */
function validatorsOfPart(fields: FieldReader, { canVary, etag, lastModified }: Representation): Validators {
  const wasCoded = canVary && codingFor(fields.get('accept-encoding')) !== 'identity'
  return { etag, lastModified: wasCoded ? null : lastModified }
}

const codingFor = createCodingNegotiator(['br', 'zstd', 'gzip'])

/** RFC 9110 §15.3.7 */
function planRanges(representation: Representation, ranges: readonly ByteRange[]): AnswerPlan {
  const { whole, size, contentType } = representation
  const [first] = ranges
  if (first !== undefined && ranges.length === 1) {
    return {
      status: 206,
      block: whole,
      fields: [['Content-Range', formatContentRange(first, size)]],
      pieces: ranges,
      length: first.end - first.start,
    }
  }
  const content = planMultipart(ranges, size, contentType)
  return {
    status: 206,
    block: whole,
    fields: [['Content-Type', content.contentType]],
    pieces: content.pieces,
    length: content.length,
  }
}

function planText(status: 412 | 416, text: string, fields: AnswerPlan['fields']): AnswerPlan {
  return { status, block: TEXT, fields, pieces: [Buffer.from(text, 'latin1')], length: text.length }
}

const TEXT = new HeaderBlock({ 'Content-Type': 'text/plain; charset=utf-8' })
const WHOLE: Selection = Object.freeze({ status: 200 })
const NOT_MODIFIED: Selection = Object.freeze({ status: 304 })
const FAILED: Selection = Object.freeze({ status: 412 })
const UNSATISFIABLE: Selection = Object.freeze({ status: 416 })
