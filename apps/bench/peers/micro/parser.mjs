// Bytes of one request to a head whose every field has been handed over. A parser that hands over strings does that
// while it parses; ours when it is asked: it stands here both ways.
import { createRequire } from 'node:module'
import { HTTPParser as HttpParserJs } from 'http-parser-js'

const require = createRequire(import.meta.url)

const REQUESTS = {
  'a browser’s request, 703 bytes': {
    bytes: Buffer.from(
      'GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n' +
        'Host: www.kittyhell.com\r\n' +
        'User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3 Pathtraq/0.9\r\n' +
        'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n' +
        'Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\n' +
        'Accept-Encoding: gzip,deflate\r\n' +
        'Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\n' +
        'Keep-Alive: 115\r\n' +
        'Connection: keep-alive\r\n' +
        'Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; ' +
        '__utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x; ' +
        '__utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|utmcct=/reader/|utmcmd=referral\r\n\r\n',
    ),
    fields: 9,
  },
  'a small request, 42 bytes': {
    bytes: Buffer.from('GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    fields: 1,
  },
}

export async function prepare(load) {
  const { RequestParser } = await load('parser')
  const cases = Object.entries(REQUESTS).flatMap(([group, { bytes, fields }]) =>
    Object.entries({
      tsws: tsws(RequestParser, bytes, (head) => head.fieldCount),
      'tsws, every field decoded': tsws(RequestParser, bytes, (head) => [...head].length),
      'llhttp, Node’s binding': callbacks(require('_http_common').HTTPParser, bytes, true),
      'llhttp, WASM of undici': llhttpWasm(bytes),
      'http-parser-js': callbacks(HttpParserJs, bytes, false),
    }).map(([name, run]) => ({ group, name, run, check: (count) => count === fields })),
  )
  return { cases }
}

/** One connection kept alive: the parser is made once. */
function tsws(RequestParser, bytes, use) {
  const parser = new RequestParser()
  return () => {
    parser.push(bytes)
    if (parser.next() !== 'head') throw new Error('no head')
    const count = use(parser.head)
    if (parser.next() !== 'end') throw new Error('no end')
    return count
  }
}

/** The interface that Node’s binding and its copy in JavaScript share; as node:http uses it. */
function callbacks(Parser, bytes, native) {
  const parser = native ? new Parser() : new Parser(Parser.REQUEST)
  let count = -1
  parser[Parser.kOnHeadersComplete | 0] = native
    ? (_major, _minor, headers) => {
        count = headers.length / 2
        return 0
      }
    : (info) => {
        count = info.headers.length / 2
      }
  parser[Parser.kOnBody | 0] = () => {}
  parser[Parser.kOnMessageComplete | 0] = () => {}
  if (native) parser.initialize(Parser.REQUEST, {})
  return () => {
    count = -1
    const result = parser.execute(bytes)
    if (result instanceof Error) throw result
    return count
  }
}

const none = () => 0

/** llhttp compiled to WebAssembly, as undici ships it, here parsing requests; names and values become strings. */
function llhttpWasm(bytes) {
  const REQUEST = 1 // llhttp_type_t
  let memory
  let count = 0
  const text = (at, length) => memory.latin1Slice(at, at + length)
  let sink
  const { exports: llhttp } = new WebAssembly.Instance(
    new WebAssembly.Module(require('undici/lib/llhttp/llhttp_simd-wasm.js')),
    {
      env: {
        wasm_on_url: (_, at, length) => ((sink = text(at, length)), 0),
        wasm_on_header_field: (_, at, length) => ((sink = text(at, length)), 0),
        wasm_on_header_value: (_, at, length) => {
          sink = text(at, length)
          count++
          return 0
        },
        wasm_on_status: none,
        wasm_on_message_begin: none,
        wasm_on_headers_complete: none,
        wasm_on_body: none,
        wasm_on_message_complete: none,
      },
    },
  )
  const parser = llhttp.llhttp_alloc(REQUEST)
  const at = llhttp.malloc(bytes.length)
  memory = Buffer.from(llhttp.memory.buffer)
  return () => {
    count = 0
    memory.set(bytes, at) // what arrives has to be copied into the module's memory
    if (llhttp.llhttp_execute(parser, at, bytes.length) !== 0) throw new Error('llhttp failed')
    return sink === undefined ? -1 : count
  }
}
