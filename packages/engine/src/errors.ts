import { HttpError } from '@tsws/http'
import { ERRORS } from '@tsws/parser'
import type { ParseError } from '@tsws/parser'

// Every failure the engine itself finds, with its code, its status and its reason.

/**
 * The bytes were no request: the parser's code, status and words, without its excerpt. Bytes of a
 * request do not go back into a page (CWE-79); the log has them by the cause.
 */
export function fromParseError(error: ParseError): HttpError {
  const { code, offset, section, status } = error
  return new HttpError(status, `${ERRORS[code].message} (${section}), at byte ${offset}`, {
    code,
    cause: error,
  })
}

/** RFC 9110 §15.5.14 */
export function bodyTooLarge(limit: number): HttpError {
  return new HttpError(413, `the request body is larger than ${limit} bytes`, { code: 'ERR_BODY_TOO_LARGE' })
}

/** RFC 9112 §8: without its announced end a message is incomplete. */
export function bodyIncomplete(received: number): HttpError {
  return new HttpError(
    400,
    `the client ended its side after ${received} bytes of the body, before the body was whole`,
    {
      code: 'ERR_INCOMPLETE_BODY',
    },
  )
}

/** RFC 9110 §15.5.9 */
export function headTooSlow(timeout: number): HttpError {
  return new HttpError(408, `the request head took longer than ${timeout} ms`, { code: 'ERR_HEAD_TIMEOUT' })
}

/** RFC 9110 §15.5.9 */
export function bodyTooSlow(rate: number): HttpError {
  return new HttpError(408, `the request body came slower than ${rate} bytes a second`, {
    code: 'ERR_BODY_TIMEOUT',
  })
}

/** RFC 9110 §15.6.4 */
export function handlerTooSlow(timeout: number): HttpError {
  return new HttpError(503, `the handler gave no answer within ${timeout} ms`, {
    code: 'ERR_HANDLER_TIMEOUT',
  })
}

/** RFC 9110 §10.1.1 */
export function expectationFailed(): HttpError {
  return new HttpError(417, 'the only expectation this server knows is 100-continue', {
    code: 'ERR_EXPECTATION_UNKNOWN',
  })
}

/** RFC 9110 §9.3.6: an origin server is no tunnel. */
export function connectRefused(): HttpError {
  return new HttpError(501, 'this server opens no tunnels', { code: 'ERR_CONNECT_REFUSED' })
}

/** RFC 9110 §15.6.4 */
export function overloaded(): HttpError {
  return new HttpError(503, 'too much is in flight', {
    code: 'ERR_OVERLOADED',
    headers: { 'Retry-After': '1' },
  })
}

/** The other end is gone: nobody is left to answer, and nothing is wrong with the server. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'
  readonly code = 'ERR_CLIENT_GONE'
  constructor(message = 'the client closed the connection') {
    super(message)
  }
}

/** A handler reads on after its answer: whatever comes now is no longer this request's. */
export function requestIsOver(): ClientGoneError {
  return new ClientGoneError('the request is over: it was answered before its body was read')
}

/** A handler broke its own promise; its connection is cut so that the client notices. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
