import { closeBody, HttpHeaders, HttpRequest, HttpResponse } from '@tsws/http'
import type { Body, Middleware, RequestFacts } from '@tsws/http'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { openSource } from './body-source.ts'

/** Sends a body as the answer of a node:http server; status and fields are those set on `response`. */
export type SendBody = (request: IncomingMessage, response: ServerResponse, body: Body) => Promise<void>

/**
 * `compress()` for a node:http server:
 *
 *     const send = forNodeHttp(compress())
 *     createServer((request, response) => {
 *       response.setHeader('Content-Type', 'text/html; charset=utf-8')
 *       void send(request, response, page)
 *     })
 *
 * The promise never rejects: a body that fails under way cuts the connection, so that the client sees it is not whole.
 */
export function forNodeHttp(layer: Middleware): SendBody {
  return async (request, response, body) => {
    try {
      const answer = new HttpResponse(body, {
        status: response.statusCode,
        headers: fieldLines(response.getHeaders()),
      })
      const coded = await layer(facadeOf(request), () => answer)
      response.statusCode = coded.status
      for (const name of response.getHeaderNames()) if (!coded.headers.has(name)) response.removeHeader(name)
      for (const [name, value] of coded.headers) if (name !== 'set-cookie') response.setHeader(name, value)
      await write(response, request.method === 'HEAD', coded.body)
    } catch {
      response.destroy()
      await closeBody(body)
    }
  }
}

async function write(response: ServerResponse, isHead: boolean, body: Body): Promise<void> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    if (!response.hasHeader('content-length')) response.setHeader('Content-Length', Buffer.byteLength(body))
    response.end(isHead ? undefined : body)
    return
  }
  if (body === null || isHead) {
    response.end()
    await closeBody(body)
    return
  }
  const source = openSource(body)
  try {
    for (let piece = await source.next(); piece !== null; piece = await source.next()) {
      if (response.destroyed) return
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
    response.end()
  } finally {
    await source.close()
  }
}

/** Everything the layer asks of a request: method, target and fields. */
function facadeOf(request: IncomingMessage): HttpRequest {
  const headers = new HttpHeaders(fieldLines(request.headers))
  const facts: RequestFacts = {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    minorVersion: request.httpVersionMinor,
    get: (name) => headers.get(name),
    has: (name) => headers.has(name),
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  }
  return new HttpRequest(facts, {
    connection: NO_CONNECTION,
    bodyLength: 0,
    maxBodyBytes: 0,
    readBody: () => null,
    trailers: null,
    sendInformational: () => {},
  })
}

const NO_CONNECTION = Object.freeze({
  id: 0,
  encrypted: false,
  remoteAddress: null,
  remotePort: null,
  localAddress: null,
  localPort: null,
})

function* fieldLines(
  fields: Readonly<Record<string, number | string | readonly string[] | undefined>>,
): Generator<[string, string | number]> {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' || typeof value === 'number') yield [name, value]
    else for (const each of value ?? []) yield [name, each]
  }
}
