import { FileBody, HeaderBlock, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import type { OpenFile } from '@tsws/http'
import { isRange } from './multipart.ts'
import { PiecewiseBody } from './piecewise-body.ts'
import type { AnswerPlan } from './plan.ts'

/** Whether a plan needs the file's content at all: a 304, a 412 and a 416 do not. */
export function needsFile(plan: AnswerPlan): boolean {
  return plan.pieces.some(isRange)
}

/** An answer whose fields are all shared: the usual one, so nothing is made twice. */
export function answerWith(status: number, body: Uint8Array | null, block: HeaderBlock): HttpResponse {
  const response = new HttpResponse(body)
  response.status = status
  response.headers.addBlock(block)
  return response
}

/** The answer from content in memory; null where the plan needs none. */
export function answerFromMemory(plan: AnswerPlan, bytes: Uint8Array | null): HttpResponse {
  const pieces = plan.pieces.map((piece) =>
    isRange(piece) ? (bytes as Uint8Array).subarray(piece.start, piece.end) : piece,
  )
  const [only] = pieces
  const body = only === undefined ? null : pieces.length === 1 ? only : Buffer.concat(pieces, plan.length)
  return new HttpResponse(body, { status: plan.status, headers: headersOf(plan) })
}

/** The answer from an opened file, which the body closes. */
export function answerFromFile(plan: AnswerPlan, file: OpenFile): HttpResponse {
  const headers = headersOf(plan)
  const [only] = plan.pieces
  if (only !== undefined && plan.pieces.length === 1 && isRange(only)) {
    const body = new FileBody(file, only.start, only.end - only.start)
    return new HttpResponse(body, { status: plan.status, headers })
  }
  // A stream whose length is known all the same.
  headers.set('Content-Length', plan.length)
  return new HttpResponse(new PiecewiseBody(file, plan.pieces), { status: plan.status, headers })
}

/** RFC 9110 §15.5.6: what a file cannot be asked; §9.3.7 for OPTIONS. */
export function answerOtherMethod(method: string): HttpResponse {
  if (method === 'OPTIONS') return new HttpResponse(null, { status: 204, headers: HttpHeaders.of(ALLOW) })
  const response = respond.text('Method Not Allowed\n', { status: 405 })
  response.headers.addBlock(ALLOW)
  return response
}

const ALLOW = new HeaderBlock({ Allow: 'GET, HEAD, OPTIONS' })

function headersOf(plan: AnswerPlan): HttpHeaders {
  const headers = HttpHeaders.of(plan.block)
  for (const [name, value] of plan.fields) headers.set(name, value)
  return headers
}
