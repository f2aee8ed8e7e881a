import { reasonPhrase } from '@tsws/http'
import type { Body, HttpHeaders } from '@tsws/http'
import type { AnswerFraming } from './answer-framing.ts'
import { dateLine } from './date-line.ts'

/**
 * How an answer's body is delimited (RFC 9112 §6): `none` has no body and says nothing of one,
 * `length` announces `Content-Length`, `chunked` frames itself, `close` ends with the connection.
 */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close'

/**
 * The head of an answer, up to and with its empty line (RFC 9112 §4, §5), or, where its content goes out with a block of
 * fields, up to that block. Field values were checked when they were set, so nothing here can split the response.
 */
export function encodeHead(
  status: number,
  framing: AnswerFraming,
  persist: boolean,
  minorVersion: number,
): string {
  const start = framing.date ? statusLine(status) : startOf(status)
  const { headers, options } = framing
  if (!isUsual(framing, persist, minorVersion)) {
    const connection = connectionLine(persist, minorVersion, options)
    return `${headers.encodeAfter(start)}${endOf(framing).slice(0, -2)}${connection}\r\n`
  }
  const { contentBlock } = framing
  if (contentBlock === null) return headers.encodeAfter(start) + endOf(framing)
  const head = headers.encodeWithoutContent(start)
  // RFC 9110 §9.3.2: a HEAD has the fields of its GET, and they stand in the same places.
  return framing.length > 0 ? head : head + contentBlock.encoded + endOf(framing)
}

/** What goes out behind that head: the body, with the block of fields that the head stops at, if it does. */
export function bodyAfterHead(
  body: Body,
  framing: AnswerFraming,
  persist: boolean,
  minorVersion: number,
): Body {
  const { contentBlock } = framing
  return contentBlock !== null && isUsual(framing, persist, minorVersion)
    ? contentBlock.contentWithFields
    : body
}

/** RFC 9112 §9.3: persisting is what goes without saying, but not for HTTP/1.0. Else `Connection` ends the head. */
function isUsual({ options }: AnswerFraming, persist: boolean, minorVersion: number): boolean {
  return persist && minorVersion === 1 && options === ''
}

function connectionLine(persist: boolean, minorVersion: number, options: string): string {
  const own = persist ? (minorVersion === 1 ? '' : ', keep-alive') : ', close'
  return `Connection: ${(own + options).slice(2)}\r\n`
}

/** An interim response (RFC 9110 §15.2): no Date, no body. */
export function encodeInterim(status: number, headers: HttpHeaders | null): string {
  return `${statusLine(status)}${headers?.encode() ?? ''}\r\n`
}

/** What frames the body, and the end of the head. */
function endOf({ framing, announced }: AnswerFraming): string {
  if (framing === 'length') return endWithLength(announced)
  return framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n'
}

/** Entries, 100 bytes each at most: small answers are of few lengths, again and again. */
const MAX_KEPT_LENGTHS = 1024
const ends: (string | undefined)[] = []

function endWithLength(length: number): string {
  if (length >= MAX_KEPT_LENGTHS) return `Content-Length: ${length}\r\n\r\n`
  return (ends[length] ??= `Content-Length: ${length}\r\n\r\n`)
}

/** Status line and date, put together once a second: what most answers begin with is one and the same string. */
function startOf(status: number): string {
  const date = dateLine()
  if (date !== startsDate) {
    startsDate = date
    starts.fill(undefined)
  }
  return (starts[status] ??= statusLine(status) + date)
}

let startsDate = ''
const starts: (string | undefined)[] = Array.from({ length: 600 })

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`
}
