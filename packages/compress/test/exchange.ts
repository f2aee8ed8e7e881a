import { HttpRequest } from '@tsws/http'
import type { HttpResponse } from '@tsws/http'
import { bodyBytes, fakeExchange, fakeFacts } from '@tsws/testing'
import type { FactsInit } from '@tsws/testing'
import * as zlib from 'node:zlib'

export interface TestRequest extends Pick<FactsInit, 'method' | 'target' | 'headers'> {
  body?: readonly Uint8Array[]
  maxBodyBytes?: number
}

/** A request as a server would make it; the length of its body is not known beforehand. */
export function request({ body = [], maxBodyBytes, ...facts }: TestRequest = {}): HttpRequest {
  const bodyLength = body.length === 0 ? 0 : -1
  return new HttpRequest(fakeFacts(facts), fakeExchange({ pieces: body, bodyLength, maxBodyBytes }))
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
export function bytesOf(response: HttpResponse): Promise<Buffer> {
  return bodyBytes(response.body)
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
