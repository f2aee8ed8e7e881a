import type { Body } from './body.ts'
import { HeaderBlock } from './header-block.ts'
import { HttpResponse } from './response.ts'
import type { ResponseInit } from './response.ts'
import { withCode } from './with-code.ts'

const TEXT = new HeaderBlock({ 'Content-Type': 'text/plain; charset=utf-8' })
const HTML = new HeaderBlock({ 'Content-Type': 'text/html; charset=utf-8' })
const JSON_TYPE = new HeaderBlock({ 'Content-Type': 'application/json' })
const BYTES = new HeaderBlock({ 'Content-Type': 'application/octet-stream' })

/** `text/plain; charset=utf-8` */
export function text(body: string, init?: ResponseInit): HttpResponse {
  return typed(body, TEXT, init)
}

/** `text/html; charset=utf-8` */
export function html(body: string, init?: ResponseInit): HttpResponse {
  return typed(body, HTML, init)
}

/**
 * `application/json` (RFC 8259: always UTF-8, so no charset).
 * @throws {TypeError} for a value that JSON cannot hold: `ERR_NO_JSON_FORM` for undefined or a function,
 * what `JSON.stringify` throws for a cycle or a BigInt
 */
export function json(value: unknown, init?: ResponseInit): HttpResponse {
  const body = JSON.stringify(value) as string | undefined
  if (body === undefined) {
    throw withCode(new TypeError(`respond.json: ${typeof value} has no JSON form`), 'ERR_NO_JSON_FORM')
  }
  return typed(body, JSON_TYPE, init)
}

/** No body. 204 by default. */
export function empty(status = 204, init?: Omit<ResponseInit, 'status'>): HttpResponse {
  return new HttpResponse(null, { ...init, status })
}

/**
 * Sends the client elsewhere (RFC 9110 §15.4). 302 by default.
 * `location` is a URI reference; characters that a URI cannot hold are percent-encoded. Whether it
 * may lead to another site is for the caller to decide: `//other.example` does (CWE-601).
 *
 * @throws {RangeError} `ERR_INVALID_STATUS` for a status that redirects nobody
 */
export function redirect(
  location: string,
  status: 301 | 302 | 303 | 307 | 308 = 302,
  init?: Omit<ResponseInit, 'status'>,
): HttpResponse {
  if (!REDIRECTS.has(status)) {
    const message = `respond.redirect: status must be 301, 302, 303, 307 or 308, got ${String(status)}`
    throw withCode(new RangeError(message), 'ERR_INVALID_STATUS')
  }
  const response = new HttpResponse(null, { ...init, status })
  response.headers.set('Location', encodeLocation(location))
  return response
}

/** Bytes as they come: `application/octet-stream` unless `init.headers` says otherwise. */
export function stream(body: AsyncIterable<Uint8Array>, init?: ResponseInit): HttpResponse {
  return typed(body, BYTES, init)
}

function typed(body: Body, type: HeaderBlock, init: ResponseInit | undefined): HttpResponse {
  const response = new HttpResponse(body, init)
  response.headers.addBlock(type)
  return response
}

// RFC 9110 §15.4: those that send the client to `Location` by themselves.
const REDIRECTS: ReadonlySet<unknown> = new Set([301, 302, 303, 307, 308])

// What may stand in a URI (RFC 3986 §2), `%` included: what is encoded already stays as it is.
const NOT_URI = /[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+/g

function encodeLocation(location: string): string {
  return location.replace(NOT_URI, (part) => encodeURIComponent(part.toWellFormed()))
}
