import { HttpHeaders } from '@tsws/http'

/** What a handler said about framing; everything of it is the engine's to write. */
export interface FramingFields {
  /** What is left: the answer's other fields. */
  headers: HttpHeaders
  /** The declared `Content-Length`, or -1. */
  contentLength: number
  /** The handler asked for the connection to end after this answer. */
  close: boolean
  /** Its other connection options, as `Upgrade` has to be one (RFC 9110 §7.8); each with a `, ` before it. */
  options: string
  /** The handler brought its own `Date`, as a gateway does that passes an answer on. */
  date: boolean
}

/**
 * Sorts the fields that frame a message out of an answer's headers, so that only the engine writes them and
 * the two can never disagree (response splitting by length, CWE-444). The headers themselves stay as
 * they are: a handler may send the same response again.
 *
 * @throws {TypeError} `ERR_INVALID_CONTENT_LENGTH`, `ERR_TRANSFER_ENCODING_SET`: faults of the handler
 */
export function sortOutFraming(given: HttpHeaders): FramingFields {
  if (given.has('transfer-encoding')) {
    throw fault(
      'ERR_TRANSFER_ENCODING_SET',
      'Transfer-Encoding is the server’s to set: leave it out of the response',
    )
  }
  const length = given.get('content-length')
  if (length !== null && !/^\d{1,15}$/.test(length)) {
    throw fault(
      'ERR_INVALID_CONTENT_LENGTH',
      `Content-Length must be a number of bytes, got ${JSON.stringify(length)}`,
    )
  }
  const options = connectionOptions(given.get('connection'))
  const headers = new HttpHeaders(given)
  headers.delete('content-length')
  headers.delete('connection')
  headers.delete('keep-alive')
  return {
    headers,
    contentLength: length === null ? -1 : Number(length),
    close: options.some((option) => option.toLowerCase() === 'close'),
    options: options
      .filter((option) => !/^(close|keep-alive)$/i.test(option))
      .map((option) => `, ${option}`)
      .join(''),
    date: given.has('date'),
  }
}

/** The members of `Connection` (RFC 9110 §7.6.1). */
function connectionOptions(value: string | null): string[] {
  if (value === null) return []
  return value
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '')
}

function fault(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code })
}
