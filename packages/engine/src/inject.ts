import { HttpHeaders } from '@tsws/http'
import type { HeadersInit } from '@tsws/http'
import { RequestParser, ResponseParser } from '@tsws/parser'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'

/** A request in parts, for tests that are not about bytes. It is sent with `Connection: close`. */
export interface InjectRequest {
  /** @default 'GET' */
  method?: string
  /** The request-target. @default '/' */
  target?: string
  /** `Host` is `localhost` unless it is given. */
  headers?: HeadersInit
  body?: string | Uint8Array
}

/** Bytes (strings are latin1), whole or in the pieces in which they shall arrive; or a request in parts. */
export type InjectInput = string | Uint8Array | readonly (string | Uint8Array)[] | InjectRequest

/** One answer, as a strict client reads it. */
export interface InjectResponse {
  status: number
  reason: string
  headers: HttpHeaders
  body: Buffer
  /** Fields after a chunked body, or null. */
  trailers: HttpHeaders | null
  /** The body as UTF-8. */
  text(): string
  json(): unknown
}

/** What came back. */
export class InjectResult {
  /** All bytes. */
  readonly bytes: Buffer
  /** The final answers in order. */
  readonly responses: InjectResponse[] = []
  /** 1xx answers, in order. */
  readonly interim: InjectResponse[] = []
  /** Why the bytes are not the responses of a correct server, or null. */
  readonly malformed: Error | null = null

  constructor(bytes: Buffer, methods: readonly string[]) {
    this.bytes = bytes
    const parser = new ResponseParser()
    for (const method of methods) parser.expectResponseTo(method)
    try {
      parser.push(bytes)
      readResponses(parser, this)
      parser.finish()
      readResponses(parser, this)
    } catch (error) {
      this.malformed = error as Error
    }
  }

  /** The bytes as latin1 text. */
  get text(): string {
    return this.bytes.toString('latin1')
  }

  /** The first answer. @throws {Error} when there was none */
  get response(): InjectResponse {
    const [first] = this.responses
    if (first === undefined)
      throw new Error(`no response came back: ${this.malformed?.message ?? 'nothing was sent'}`)
    return first
  }
}

/** Runs a connection in memory from its first byte to the end of the server's side; `serve` gets its server end. */
export async function inject(serve: (stream: Duplex) => void, input: InjectInput): Promise<InjectResult> {
  const pieces = piecesOf(input)
  return new InjectResult(await converse(serve, pieces), methodsOf(pieces))
}

async function converse(serve: (stream: Duplex) => void, pieces: readonly Buffer[]): Promise<Buffer> {
  const [client, server] = duplexPair()
  const received: Buffer[] = []
  client.on('data', (bytes: Buffer) => received.push(bytes))
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve)
    client.once('close', resolve)
    client.on('error', () => resolve())
    // A server that cuts the connection closes its end without a word to ours.
    server.once('close', () => setImmediate(resolve))
  })
  serve(server)
  for (const piece of pieces) {
    if (client.destroyed || server.destroyed) break
    const taken = new Promise<void>((resolve) => client.write(piece, () => resolve()))
    await Promise.race([taken, ended])
  }
  client.end()
  await ended
  return Buffer.concat(received)
}

function piecesOf(input: InjectInput): Buffer[] {
  if (typeof input === 'string' || input instanceof Uint8Array) return [toBytes(input)]
  if (isPieces(input)) return input.map(toBytes)
  const { method = 'GET', target = '/', headers, body } = input
  const fields = new HttpHeaders(headers)
  if (!fields.has('host')) fields.set('Host', 'localhost')
  if (!fields.has('connection')) fields.set('Connection', 'close')
  const content = body === undefined ? null : Buffer.from(body)
  if (content !== null && !fields.has('transfer-encoding')) fields.set('Content-Length', content.length)
  const head = toBytes(`${method} ${target} HTTP/1.1\r\n${fields.encode()}\r\n`)
  return content === null ? [head] : [head, content]
}

function isPieces(
  input: readonly (string | Uint8Array)[] | InjectRequest,
): input is readonly (string | Uint8Array)[] {
  return Array.isArray(input)
}

function toBytes(piece: string | Uint8Array): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece)
}

/** The methods asked with, as far as the bytes are requests: an answer to HEAD has no body. */
function methodsOf(pieces: readonly Buffer[]): string[] {
  const parser = new RequestParser()
  const methods: string[] = []
  try {
    parser.push(Buffer.concat(pieces))
    for (let event = parser.next(); event !== 'need-more'; event = parser.next()) {
      if (event === 'head') methods.push(parser.head.method)
    }
  } catch {
    // What is no request has no method; its answer is read as one to GET.
  }
  return methods
}

function readResponses(parser: ResponseParser, { interim, responses }: InjectResult): void {
  for (let event = parser.next(); event !== 'need-more'; event = parser.next()) {
    if (event === 'head') {
      const response = responseOf(parser)
      if (response.status < 200 && response.status !== 101) interim.push(response)
      else responses.push(response)
      continue
    }
    const last = responses.at(-1)
    if (last === undefined) continue
    if (event === 'data') last.body = Buffer.concat([last.body, parser.data])
    else if (parser.trailers !== null) last.trailers = new HttpHeaders(parser.trailers)
  }
}

function responseOf(parser: ResponseParser): InjectResponse {
  const { status, reason } = parser.head
  return {
    status,
    reason,
    headers: new HttpHeaders(parser.head),
    body: Buffer.alloc(0),
    trailers: null,
    text() {
      return this.body.toString()
    },
    json() {
      return JSON.parse(this.text()) as unknown
    },
  }
}
