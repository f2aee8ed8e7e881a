import { reasonPhrase } from '@tsws/http'
import type { HttpHeaders } from '@tsws/http'
import { dateLine } from './date-line.ts'

/**
 * How an answer's body is delimited (RFC 9112 §6): `none` has no body and says nothing of one,
 * `length` announces `Content-Length`, `chunked` frames itself, `close` ends with the connection.
 */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close'

/** What the head says about the connection after this answer. */
export type ConnectionOption = '' | 'Connection: close\r\n' | 'Connection: keep-alive\r\n'

/**
 * The head of an answer, up to and with its empty line (RFC 9112 §4, §5). Field values were
 * checked when they were set, so nothing here can split the response.
 *
 * `headers` must not mention framing fields: those are the engine's, see `takeFramingFields`.
 */
export function encodeHead(
  status: number,
  headers: HttpHeaders,
  framing: BodyFraming,
  length: number,
  connection: ConnectionOption,
  hasDate = false,
): string {
  let head = (STATUS_LINES[status] ?? statusLine(status)) + (hasDate ? '' : dateLine()) + headers.encode()
  if (framing === 'length') head += 'Content-Length: ' + length + '\r\n'
  else if (framing === 'chunked') head += 'Transfer-Encoding: chunked\r\n'
  return head + connection + '\r\n'
}

/** An interim response (RFC 9110 §15.2): no Date, no body. */
export function encodeInterim(status: number, headers: HttpHeaders | null): string {
  return `${statusLine(status)}${headers?.encode() ?? ''}\r\n`
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`
}

const STATUS_LINES: readonly (string | undefined)[] = Array.from({ length: 600 }, (_, status) =>
  status >= 200 && reasonPhrase(status) !== 'Unknown' ? statusLine(status) : undefined,
)
