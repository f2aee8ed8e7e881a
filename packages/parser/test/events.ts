import { ParseError, RequestParser } from '../src/index.ts'
import type { HeadFields, ParserOptions, RequestHead } from '../src/index.ts'

/** What a parser made of some bytes, as values that can be compared: neighbouring data is joined. */
export type Event =
  | { event: 'head'; head: Record<string, unknown> }
  | { event: 'data'; data: string }
  | { event: 'end'; trailers: [string, string][] | null }
  | { event: 'error'; code: string; status: number; offset: number }

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

/** Feeds the pieces to a parser, and says what came of it; with `finish`, the stream ends after them. */
export function eventsOf(pieces: Uint8Array[], options?: ParserOptions, finish = false): Event[] {
  const parser = new RequestParser(options)
  const events: Event[] = []
  try {
    for (const piece of pieces) {
      parser.push(piece)
      drain(parser, events)
    }
    if (finish) {
      parser.finish()
      drain(parser, events)
    }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    events.push({ event: 'error', code: error.code, status: error.status, offset: error.offset })
  }
  return events
}

function drain(parser: RequestParser, events: Event[]): void {
  for (;;) {
    const event = parser.next()
    if (event === 'need-more') return
    if (event === 'head') events.push({ event, head: describeHead(parser.head) })
    if (event === 'end') events.push({ event, trailers: linesOf(parser.trailers) })
    if (event !== 'data') continue
    const last = events.at(-1)
    if (last?.event === 'data') last.data += textOf(parser.data)
    else events.push({ event, data: textOf(parser.data) })
  }
}

export function describeHead(head: RequestHead): Record<string, unknown> {
  return {
    method: head.method,
    target: head.target,
    form: head.targetForm,
    minor: head.minorVersion,
    fields: linesOf(head),
    contentLength: head.contentLength,
    keepAlive: head.keepAlive,
    expectContinue: head.expectContinue,
    expectUnknown: head.expectUnknown,
    upgrade: head.upgrade,
  }
}

export function linesOf(fields: HeadFields | null): [string, string][] | null {
  return fields === null ? null : [...fields]
}

/** One byte at a time. */
export function byByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.slice(at, at + 1))
}
