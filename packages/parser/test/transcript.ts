import { ParseError, RequestHead, RequestParser, ResponseParser } from '../src/index.ts'
import type { HeadFields, ParserOptions, ResponseHead } from '../src/index.ts'
import { textOf } from './events.ts'

export interface TranscriptOptions {
  parser?: ParserOptions
  /** Parses responses, to requests with these methods. */
  responsesTo?: string[]
}

/** Feeds pieces to a parser, then ends the stream, and writes down what came: one line for each thing. */
export function transcriptOf(pieces: Uint8Array[], options: TranscriptOptions = {}): string[] {
  const parser = newParser(options)
  const lines: string[] = []
  let pushed = 0
  try {
    for (const piece of pieces) {
      pushed += piece.length
      parser.push(piece)
      drain(parser, pushed, lines)
    }
    parser.finish()
    drain(parser, pushed, lines)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    lines.push(`error ${error.code} ${error.status} at ${error.offset}`)
    return lines
  }
  const rest = parser.rest()
  if (rest.length > 0) lines.push(`rest ${quote(textOf(rest))}`)
  return lines
}

function newParser(options: TranscriptOptions): RequestParser | ResponseParser {
  if (options.responsesTo === undefined) return new RequestParser(options.parser)
  const parser = new ResponseParser(options.parser)
  for (const method of options.responsesTo) parser.expectResponseTo(method)
  return parser
}

/** Neighbouring data becomes one line: how data is cut up is not part of what it says. */
function drain(parser: RequestParser | ResponseParser, pushed: number, lines: string[]): void {
  for (let event = parser.next(); event !== 'need-more'; event = parser.next()) {
    if (event === 'head')
      lines.push(`${describe(parser.head)} ends at ${pushed - parser.buffered}`, ...fields(parser.head))
    if (event === 'end') lines.push('end', ...fields(parser.trailers))
    if (event !== 'data') continue
    const data = textOf(parser.data)
    const last = lines.at(-1)!
    if (last.startsWith('data ')) lines[lines.length - 1] = `data ${quote(unquote(last.slice(5)) + data)}`
    else lines.push(`data ${quote(data)}`)
  }
}

function describe(head: RequestHead | ResponseHead): string {
  const words =
    head instanceof RequestHead
      ? [head.method, head.target, `(${head.targetForm})`]
      : [String(head.status), quote(head.reason)]
  words.push(
    `HTTP/1.${head.minorVersion}`,
    `body ${head.contentLength}`,
    head.keepAlive ? 'keep-alive' : 'close',
  )
  if (head.upgrade !== null) words.push(`upgrade ${quote(head.upgrade)}`)
  if (head instanceof RequestHead && head.expectContinue) words.push('expect-continue')
  if (head instanceof RequestHead && head.expectUnknown) words.push('expect-unknown')
  return `head ${words.join(' ')}`
}

function fields(fields: HeadFields | null): string[] {
  return fields === null ? [] : [...fields].map(([name, value]) => `  ${name}: ${quote(value)}`)
}

/** JSON, but with every byte above 0x7e as an escape. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\xff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function unquote(text: string): string {
  return JSON.parse(text) as string
}
