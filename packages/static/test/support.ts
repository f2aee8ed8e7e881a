import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { HttpRequest, isFileBody } from '@tsws/http'
import type { Exchange, Handler, HttpResponse, Middleware, RequestFacts } from '@tsws/http'
import { respond } from '@tsws/http'
import { onTestFinished } from 'vitest'

export type Fields = Readonly<Record<string, string>>

/** A request as an engine would make it, without one. */
export function makeRequest(method: string, target: string, fields: Fields = {}): HttpRequest {
  const lines = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
  const facts: RequestFacts = {
    method,
    target,
    minorVersion: 1,
    get: (name) => lines.get(name) ?? null,
    has: (name) => lines.has(name),
    [Symbol.iterator]: () => lines[Symbol.iterator](),
  }
  const exchange: Exchange = {
    connection: {
      id: 1,
      encrypted: false,
      remoteAddress: null,
      remotePort: null,
      localAddress: null,
      localPort: null,
    },
    bodyLength: 0,
    maxBodyBytes: 0,
    readBody: () => null,
    trailers: null,
    sendInformational: () => {},
  }
  return new HttpRequest(facts, exchange)
}

export interface Answer {
  status: number
  headers: HttpResponse['headers']
  header(name: string): string | null
  /** As it would go out for a GET. */
  bytes: Buffer
  text: string
  /** What `Content-Length` would say: the one set, or the one the body itself tells; null where only its end tells. */
  length: number | null
  response: HttpResponse
}

/** Reads and closes the body, as an engine does. */
export async function collect(response: HttpResponse): Promise<Answer> {
  const { body } = response
  let bytes: Buffer
  let length: number | null
  if (body === null) {
    bytes = Buffer.alloc(0)
    length = 0
  } else if (typeof body === 'string') {
    bytes = Buffer.from(body)
    length = bytes.length
  } else if (body instanceof Uint8Array) {
    bytes = Buffer.from(body)
    length = bytes.length
  } else if (isFileBody(body)) {
    bytes = Buffer.alloc(body.length)
    let filled = 0
    while (filled < body.length) {
      const { bytesRead } = await body.file.read(bytes, filled, body.length - filled, body.start + filled)
      if (bytesRead === 0) throw new Error('file ended early')
      filled += bytesRead
    }
    await body.close()
    length = body.length
  } else {
    const pieces: Uint8Array[] = []
    for await (const piece of body) pieces.push(piece)
    bytes = Buffer.concat(pieces)
    length = null
  }
  const declared = response.headers.get('content-length')
  return {
    status: response.status,
    headers: response.headers,
    header: (name) => response.headers.get(name),
    bytes,
    text: bytes.toString(),
    length: declared === null ? length : Number(declared),
    response,
  }
}

export const passedOn: Handler = () =>
  respond.text('passed on\n', { status: 404, headers: { 'X-Passed': 'on' } })

/** Asks a middleware; what it passes on comes back as 404 with `X-Passed`. */
export async function ask(
  middleware: Middleware,
  method: string,
  target: string,
  fields: Fields = {},
): Promise<Answer> {
  return collect(await middleware(makeRequest(method, target, fields), passedOn))
}

/** 2024-01-02T03:04:05Z, long enough ago to count as settled. */
export const OLD = new Date('2024-01-02T03:04:05Z')
export const OLD_DATE = 'Tue, 02 Jan 2024 03:04:05 GMT'

/** A folder that is gone after the test, with the files given, all of them last changed at `OLD`. */
export function makeTree(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tsws-static-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) put(root, path, content)
  return root
}

export function put(root: string, path: string, content: string | Uint8Array, time: Date = OLD): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  utimesSync(file, time, time)
}
