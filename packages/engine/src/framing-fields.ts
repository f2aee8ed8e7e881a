import type { HttpHeaders } from '@tsws/http'

/** What a handler said about framing; everything of it is the engine's to write. */
export interface FramingFields {
  /** The declared `Content-Length`, or -1. */
  contentLength: number
  /** The handler asked for the connection to end after this answer. */
  close: boolean
  /** The handler brought its own `Date`, as a gateway does that passes an answer on. */
  date: boolean
}

/** Nothing declared: the usual answer. */
export const NO_FRAMING_FIELDS: FramingFields = Object.freeze({
  contentLength: -1,
  close: false,
  date: false,
})

/**
 * Takes the fields that frame a message out of an answer's headers, so that only the engine
 * writes them and the two can never disagree (response splitting by length, CWE-444).
 *
 * @throws {TypeError} `ERR_INVALID_CONTENT_LENGTH`, `ERR_TRANSFER_ENCODING_SET`: faults of the handler
 */
export function takeFramingFields(headers: HttpHeaders): FramingFields {
  if (headers.has('transfer-encoding')) {
    throw fault(
      'ERR_TRANSFER_ENCODING_SET',
      'Transfer-Encoding is the server’s to set: leave it out of the response',
    )
  }
  const length = headers.get('content-length')
  if (length !== null && !/^\d{1,15}$/.test(length)) {
    throw fault(
      'ERR_INVALID_CONTENT_LENGTH',
      `Content-Length must be a number of bytes, got ${JSON.stringify(length)}`,
    )
  }
  const connection = headers.get('connection')
  headers.delete('content-length')
  headers.delete('connection')
  headers.delete('keep-alive')
  return {
    contentLength: length === null ? -1 : Number(length),
    date: headers.has('date'),
    close: connection !== null && /(^|[\s,])close($|[\s,])/i.test(connection),
  }
}

function fault(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code })
}
