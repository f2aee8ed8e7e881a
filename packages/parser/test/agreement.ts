import {
  ChunkedDecoder,
  ParseError,
  RequestHead,
  RequestParser,
  ResponseParser,
  parseHead,
} from '../src/index.ts'
import type { ResponseHead } from '../src/index.ts'
import { bytesOf, textOf } from './events.ts'
import { referenceChunks, referenceHead } from './reference.ts'

/** What a parser did, short enough to compare millions of them. */
function run(parser: RequestParser | ResponseParser, pieces: Uint8Array[]): string {
  const said: string[] = []
  try {
    for (const piece of pieces) {
      parser.push(piece)
      drain(parser, said)
    }
    parser.finish()
    drain(parser, said)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    said.push(`|${error.code}@${error.offset}`)
  }
  return said.join('')
}

function drain(parser: RequestParser | ResponseParser, said: string[]): void {
  for (let event = parser.next(); event !== 'need-more'; event = parser.next()) {
    if (event === 'data') said.push(textOf(parser.data))
    else if (event === 'end') said.push('|end ', JSON.stringify([...(parser.trailers ?? [])]))
    else said.push(describe(parser.head))
  }
}

function describe(head: RequestHead | ResponseHead): string {
  const start = head instanceof RequestHead ? `${head.method} ${head.target}` : head.status
  return `|${start} ${head.contentLength} ${head.keepAlive} ${JSON.stringify([...head])}:`
}

/**
 * Feeds bytes whole and cut at `cuts`, and compares both with each other and with the second reading. Throws an
 * `Error` that says how they differ; an exception that is no `ParseError` goes through.
 */
export function checkRequest(text: string, cuts: number[]): void {
  const bytes = bytesOf(text)
  const whole = run(new RequestParser(), [bytes])
  const split = run(new RequestParser(), cutAt(bytes, cuts))
  if (whole !== split)
    throw new Error(`Cut at ${cuts.join()}: ${split}\nwhole: ${whole}\n${JSON.stringify(text)}`)
  const reference = referenceHead(text)
  if (reference === null || text.startsWith('\r\n') || exceedsLimits(whole)) return
  const expected =
    reference === 'error'
      ? null
      : `|${reference.method} ${reference.target} ${reference.contentLength} ${reference.keepAlive} ${JSON.stringify(reference.fields)}:`
  const agrees = expected === null ? whole.startsWith('|ERR_') : whole.startsWith(expected)
  if (!agrees)
    throw new Error(`The second reading differs: ${expected ?? 'error'}\n${whole}\n${JSON.stringify(text)}`)
}

const LENIENT = {
  allowBareLF: true,
  allowObsFold: true,
  allowEqualContentLengths: true,
  allowNonAsciiTarget: true,
}

/** With every leniency, cut and whole are the same, and still no value holds a CR, LF or NUL (RFC 9110 §5.5). */
export function checkLenient(text: string, cuts: number[]): void {
  const bytes = bytesOf(text)
  const whole = run(new RequestParser(LENIENT), [bytes])
  const split = run(new RequestParser(LENIENT), cutAt(bytes, cuts))
  if (whole !== split)
    throw new Error(`Cut at ${cuts.join()}: ${split}\nwhole: ${whole}\n${JSON.stringify(text)}`)
  const result = parseHead(bytes, 0, bytes.length, LENIENT)
  if (result.type !== 'head') return
  for (const [name, value] of result.head) {
    if (/[\r\n\0]|^[ \t]|[ \t]$/.test(value)) throw new Error(`${name} is ${JSON.stringify(value)}`)
  }
}

/** The same for responses; there is no second reading of them. */
export function checkResponse(text: string, cuts: number[]): void {
  const bytes = bytesOf(text)
  const whole = run(new ResponseParser(), [bytes])
  const split = run(new ResponseParser(), cutAt(bytes, cuts))
  if (whole !== split)
    throw new Error(`Cut at ${cuts.join()}: ${split}\nwhole: ${whole}\n${JSON.stringify(text)}`)
}

/** The same for a chunked body by itself. */
export function checkChunked(text: string, cuts: number[]): void {
  const bytes = bytesOf(text)
  const [whole, split] = [[bytes], cutAt(bytes, cuts)].map(decode)
  if (whole !== split)
    throw new Error(`Cut at ${cuts.join()}: ${split}\nwhole: ${whole}\n${JSON.stringify(text)}`)
  const reference = referenceChunks(text)
  if (reference !== null && !whole!.startsWith(reference.data)) {
    throw new Error(`The second reading differs: ${reference.data}\n${whole}\n${JSON.stringify(text)}`)
  }
  if (reference === null && whole!.endsWith('|end'))
    throw new Error(`Taken although wrong: ${JSON.stringify(text)}`)
}

function decode(pieces: Uint8Array[]): string {
  const decoder = new ChunkedDecoder()
  let said = ''
  try {
    for (const piece of pieces) {
      decoder.push(piece)
      while (decoder.next() === 'data') said += textOf(decoder.data)
    }
    decoder.finish()
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return `${said}|${error.code}@${error.offset}`
  }
  return `${said}|end`
}

/** The second reading knows no limits, and refuses later than the parser what is too long. */
function exceedsLimits(said: string): boolean {
  return /^\|ERR_(?:TARGET_TOO_LONG|METHOD_TOO_LONG|HEAD_TOO_LARGE|TOO_MANY_FIELDS)/.test(said)
}

function cutAt(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).map((to, place) => bytes.slice(places[place], to))
}
