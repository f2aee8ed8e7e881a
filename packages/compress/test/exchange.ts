import { HttpRequest } from '@tsws/http'
import type { ConnectionInfo, Exchange, HttpResponse, RequestFacts } from '@tsws/http'
import * as zlib from 'node:zlib'

const CONNECTION: ConnectionInfo = {
  id: 1,
  encrypted: false,
  remoteAddress: null,
  remotePort: null,
  localAddress: null,
  localPort: null,
}

export interface TestRequest {
  method?: string
  target?: string
  headers?: Record<string, string>
  body?: readonly Uint8Array[]
  maxBodyBytes?: number
}

/** A request as a server would make it. */
export function request(init: TestRequest = {}): HttpRequest {
  const lines = Object.entries(init.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  const facts: RequestFacts = {
    method: init.method ?? 'GET',
    target: init.target ?? '/',
    minorVersion: 1,
    get: (name) => {
      const values = lines.filter((line) => line[0] === name).map((line) => line[1])
      return values.length === 0 ? null : values.join(', ')
    },
    has: (name) => lines.some((line) => line[0] === name),
    [Symbol.iterator]: () => lines.map(([name, value]): [string, string] => [name, value])[Symbol.iterator](),
  }
  const pieces = [...(init.body ?? [])]
  const exchange: Exchange = {
    connection: CONNECTION,
    bodyLength: pieces.length === 0 ? 0 : -1,
    maxBodyBytes: init.maxBodyBytes ?? 1024 * 1024,
    readBody: () => pieces.shift() ?? null,
    trailers: null,
    sendInformational: () => {},
  }
  return new HttpRequest(facts, exchange)
}

/** A GET that accepts these codings. */
export function accepting(
  acceptEncoding: string,
  more: Record<string, string> = {},
  target = '/',
): HttpRequest {
  return request({ target, headers: { 'Accept-Encoding': acceptEncoding, ...more } })
}

/** All bytes of a response's body, as they would be sent. */
export async function bytesOf(response: HttpResponse): Promise<Buffer> {
  const { body } = response
  if (body === null) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body)
  if ('file' in body) {
    const bytes = Buffer.alloc(body.length)
    await body.file.read(bytes, 0, body.length, body.start)
    await body.close()
    return bytes
  }
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The content, decoded by what `Content-Encoding` says. */
export async function contentOf(response: HttpResponse): Promise<string> {
  return decode(await bytesOf(response), response.headers.get('content-encoding')).toString()
}

export function decode(bytes: Uint8Array, coding: string | null): Buffer {
  if (coding === 'gzip') return zlib.gunzipSync(bytes)
  if (coding === 'br') return zlib.brotliDecompressSync(bytes)
  if (coding === 'zstd') return zlib.zstdDecompressSync(bytes)
  if (coding !== null) throw new Error(`unknown coding ${coding}`)
  return Buffer.from(bytes)
}

/** An opened file in memory that counts how often it is closed. */
export function memoryFile(content: Uint8Array): {
  closed: number
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  close(): Promise<void>
} {
  return {
    closed: 0,
    async read(buffer, offset, length, position) {
      const part = content.subarray(position, position + length)
      buffer.set(part, offset)
      return { bytesRead: part.length }
    },
    async close() {
      this.closed++
    },
  }
}

/** A source of bytes that tells what became of it. */
export function countedSource(pieces: readonly (Uint8Array | Error)[]): AsyncIterable<Uint8Array> & {
  pulled: number
  returned: number
} {
  return {
    pulled: 0,
    returned: 0,
    [Symbol.asyncIterator]() {
      let at = 0
      return {
        next: async () => {
          const piece = pieces[at++]
          if (piece instanceof Error) throw piece
          if (piece === undefined) return { done: true, value: undefined }
          this.pulled++
          return { done: false, value: piece }
        },
        return: async () => {
          this.returned++
          return { done: true, value: undefined }
        },
      }
    },
  }
}

/** Text that compresses as such text does. */
export function sampleText(length: number): string {
  let text = ''
  for (let line = 0; text.length < length; line++) text += `line ${line} of ${(line * 7919) % 1013}\n`
  return text.slice(0, length)
}
