import { createRequire } from 'node:module'
import { parseHead, RequestParser } from '../dist/index.js' // the built package: pnpm build first

// Each entry makes a function that parses one request from a buffer on a kept connection, and says what it read:
// a benchmark of wrong answers is worth nothing.

const ours = (use) => () => {
  const parser = new RequestParser()
  return (bytes) => {
    parser.push(bytes)
    parser.next()
    const result = use(parser.head)
    parser.next()
    return result
  }
}

/** Decodes nothing: the head is cut, checked, framed and indexed. */
export const parseOnly = ours((head) => head.fieldCount)
/** What an engine reads of most requests. */
export const parseAndRoute = ours((head) => head.method.length + head.target.length + head.get('host').length)
/** Every name and value as a string. */
export const parseAll = ours((head) => {
  let length = head.method.length + head.target.length
  for (const [name, value] of head) length += name.length + value.length
  return length
})

/** The pure function, without a stream around it. */
export const parseHeadOnly = () => (bytes) => parseHead(bytes).head.fieldCount

/** Node's own parser, called as node:http calls it (headers as an array of strings). */
export function llhttp() {
  const { HTTPParser } = createRequire(import.meta.url)('_http_common')
  const parser = new HTTPParser()
  let fields = 0
  parser[HTTPParser.kOnHeadersComplete | 0] = (_major, _minor, headers) => {
    fields = headers === undefined ? -1 : headers.length / 2
    return 0
  }
  parser[HTTPParser.kOnMessageComplete | 0] = () => {}
  parser[HTTPParser.kOnBody | 0] = () => {}
  parser.initialize(HTTPParser.REQUEST, {})
  return (bytes) => {
    parser.execute(bytes)
    return fields
  }
}

/** http-parser-js, the same events. */
export function httpParserJs() {
  const { HTTPParser } = createRequire(import.meta.url)('http-parser-js')
  const parser = new HTTPParser(HTTPParser.REQUEST)
  let fields = 0
  parser[HTTPParser.kOnHeadersComplete] = (info) => {
    fields = info.headers.length / 2
  }
  parser[HTTPParser.kOnMessageComplete] = () => {}
  return (bytes) => {
    parser.execute(bytes)
    return fields
  }
}
