import { closeBody, respond } from '@tsws/http'
import type { ConnectionInfo, HttpRequest, HttpResponse } from '@tsws/http'
import { frameAnswer } from './answer-framing.ts'
import type { Connection } from './connection.ts'
import type { Core } from './core.ts'
import { encodeHead } from './encode-head.ts'
import { ResponseError } from './errors.ts'
import type { RequestExchange } from './exchange.ts'
import { checkResponse } from './response-check.ts'

/**
 * The answer to a failure, by the server's `errorResponse`; a bare 500 where that fails itself.
 * Whatever ends in a 5xx is told to the observers.
 */
function failureResponse(
  { observers, options }: Core,
  failure: unknown,
  request: HttpRequest | null,
  connection: ConnectionInfo,
): HttpResponse {
  try {
    const response = options.errorResponse(failure, request, connection)
    // It has to be synchronous; one that is not must not end the process when it rejects.
    if (response instanceof Promise) response.catch((error) => observers.error(error, request, connection))
    checkResponse(response)
    if (response.status >= 500) observers.error(failure, request, connection)
    return response
  } catch (error) {
    observers.error(failure, request, connection)
    observers.error(error, request, connection)
    return bareFailure()
  }
}

/** How a request that failed is answered; null where a head is out already, so that only a cut tells the client. */
export function answerFailure(core: Core, failure: unknown, exchange: RequestExchange): HttpResponse | null {
  const { connection, request } = exchange
  if (!exchange.answered && !exchange.failed) {
    exchange.failed = true
    return failureResponse(core, failure, request, connection)
  }
  core.observers.error(failure, request, connection)
  return exchange.answered ? null : bareFailure()
}

/** An answer that is one block. */
export interface Refusal {
  status: number
  head: string
  /** What follows: the content, and fields that are in one piece with it. */
  rest: Uint8Array
  /** Bytes of the content. */
  length: number
}

/**
 * The answer to bytes that were no request. Nothing follows it, so its body has to be at hand; where
 * `errorResponse` gives another, or frames it wrongly, a bare 500 goes out.
 */
export function refusal(core: Core, failure: unknown, connection: Connection): Refusal {
  const response = failureResponse(core, failure, null, connection)
  const method = connection.intake.beginsHead ? 'HEAD' : 'GET'
  try {
    return inOneBlock(response, method)
  } catch (error) {
    giveUp(response)
    core.observers.error(error, null, connection)
    return inOneBlock(bareFailure(), method)
  }
}

function inOneBlock(response: HttpResponse, method: string): Refusal {
  const { body, status } = response
  if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new ResponseError(
      'ERR_INVALID_BODY',
      'errorResponse must give text, bytes or null where there is no request',
    )
  }
  const framing = frameAnswer(response, { method, minorVersion: 1 })
  const { length } = framing
  const head = encodeHead(status, framing, false, 1)
  const rest = length === 0 ? NOTHING : Buffer.from(body ?? '')
  return { status, head, rest, length }
}

const NOTHING = new Uint8Array(0)

/** Gives up an answer that will not be sent, whatever it is. */
export function giveUp(response: HttpResponse | null | undefined): void {
  try {
    void closeBody(response?.body ?? null)
  } catch {
    // Not even its body can be asked for.
  }
}

/** What can always be sent. */
function bareFailure(): HttpResponse {
  return respond.text('Internal Server Error\n', { status: 500 })
}
