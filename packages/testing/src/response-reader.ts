/** One response as a strict reader saw it. */
export interface ReadResponse {
  status: number
  reason: string
  /** 0 for HTTP/1.0, 1 for HTTP/1.1 */
  minorVersion: number
  /** Lower-case name and value, line by line. */
  fields: [name: string, value: string][]
  /** All values of a name joined by `, `, or null. */
  get(name: string): string | null
  body: Uint8Array
  trailers: [name: string, value: string][]
  /** How the end of the body was told. */
  framing: 'none' | 'content-length' | 'chunked' | 'close'
  text(): string
}

/** Bytes that no HTTP/1.1 server may send; the message says which rule they break. */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse'
}

/**
 * Reads what a server sent, and is as strict with it as the server should be with requests:
 * bare LF, bad field lines, two framings at once, wrong chunking or missing octets are errors,
 * so that a test which only looks at the status still fails on a broken response.
 */
export class ResponseReader {
  /** Final responses in order. */
  readonly responses: ReadResponse[] = []
  /** Interim (1xx) responses in order; 101 is final. */
  readonly interim: ReadResponse[] = []
  readonly #methods: readonly string[]
  #pieces: Uint8Array[] = []
  #size = 0
  // Bytes that must be here before reading again makes sense: a large body is not put together per packet.
  #needed = 1
  #ended = false

  /** @param methods the methods of the requests in order: a response to HEAD has no body */
  constructor(methods: readonly string[] = []) {
    this.#methods = methods
  }

  /** Bytes that belong to no complete response yet. */
  get rest(): Uint8Array {
    return this.#join()
  }

  /** @throws {MalformedResponse} */
  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
    this.#size += bytes.length
    if (this.#size >= this.#needed) this.#read()
  }

  /** The server has closed its side. @throws {MalformedResponse} in the middle of a response */
  end(): void {
    this.#ended = true
    this.#read()
    if (this.#size > 0)
      throw new MalformedResponse(`the connection ended ${this.#size} bytes into a response`)
  }

  #read(): void {
    let bytes = this.#join()
    while (bytes.length > 0) {
      const cursor = new Cursor(bytes)
      const method = this.#methods[this.responses.length] ?? 'GET'
      const response = readResponse(cursor, method, this.#ended)
      if (response === null) {
        this.#keep(bytes, cursor.needed)
        return
      }
      bytes = bytes.subarray(cursor.at)
      const isInterim = response.status < 200 && response.status !== 101
      if (isInterim) this.interim.push(response)
      else this.responses.push(response)
    }
    this.#keep(bytes, 1)
  }

  #keep(bytes: Uint8Array, needed: number): void {
    this.#pieces = [bytes]
    this.#size = bytes.length
    this.#needed = needed
  }

  #join(): Uint8Array {
    const [only] = this.#pieces
    return this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces)
  }
}

/**
 * All responses in these bytes, which end where the connection ended.
 * @throws {MalformedResponse}
 */
export function readResponses(bytes: Uint8Array, methods: readonly string[] = []): ReadResponse[] {
  const reader = new ResponseReader(methods)
  reader.push(bytes)
  reader.end()
  return reader.responses
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** Null when bytes are missing. */
function readResponse(cursor: Cursor, method: string, ended: boolean): ReadResponse | null {
  const statusLine = cursor.line()
  if (statusLine === null) return null
  const match = STATUS_LINE.exec(statusLine)
  if (!match) throw new MalformedResponse(`no status line (RFC 9112 §4): ${JSON.stringify(statusLine)}`)
  const fields = readFields(cursor)
  if (fields === null) return null
  const response = makeResponse(Number(match[1]), Number(match[2]), match[3] as string, fields)
  return readBody(response, cursor, method, ended) ? response : null
}

/** False when bytes are missing. */
function readBody(response: ReadResponse, cursor: Cursor, method: string, ended: boolean): boolean {
  const { status } = response
  const lengths = response.fields.filter(([name]) => name === 'content-length').map(([, value]) => value)
  const coding = response.get('transfer-encoding')
  if (lengths.length > 1) throw new MalformedResponse(`Content-Length twice: ${lengths.join(', ')}`)
  if (lengths.length === 1 && coding !== null) {
    throw new MalformedResponse('both Content-Length and Transfer-Encoding (RFC 9112 §6.2)')
  }
  if ((status < 200 || status === 204) && (lengths.length > 0 || coding !== null)) {
    throw new MalformedResponse(`a ${status} with a body length (RFC 9110 §8.6)`)
  }
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return true
  if (coding !== null) return readChunks(response, cursor, coding)
  if (lengths.length === 1) {
    const text = lengths[0] as string
    if (!/^\d{1,15}$/.test(text)) throw new MalformedResponse(`Content-Length: ${text}`)
    const body = cursor.take(Number(text))
    if (body === null) return false
    response.framing = 'content-length'
    response.body = body
    return true
  }
  if (!ended) {
    cursor.needed = Infinity
    return false
  }
  response.framing = 'close'
  response.body = cursor.take(cursor.left) as Uint8Array
  return true
}

function readChunks(response: ReadResponse, cursor: Cursor, coding: string): boolean {
  if (coding.toLowerCase() !== 'chunked') throw new MalformedResponse(`Transfer-Encoding: ${coding}`)
  const pieces: Uint8Array[] = []
  for (;;) {
    const line = cursor.line()
    if (line === null) return false
    const match = /^([0-9A-Fa-f]{1,12})(;.*)?$/.exec(line)
    if (!match) throw new MalformedResponse(`no chunk size (RFC 9112 §7.1): ${JSON.stringify(line)}`)
    const size = Number.parseInt(match[1] as string, 16)
    if (size === 0) break
    const piece = cursor.take(size)
    if (piece === null) return false
    const end = cursor.take(2)
    if (end === null) return false
    if (end[0] !== 0x0d || end[1] !== 0x0a)
      throw new MalformedResponse('chunk data without its CRLF (RFC 9112 §7.1)')
    pieces.push(piece)
  }
  const trailers = readFields(cursor)
  if (trailers === null) return false
  response.framing = 'chunked'
  response.body = Buffer.concat(pieces)
  response.trailers = trailers
  return true
}

/** Field lines up to the empty line; null when bytes are missing. */
function readFields(cursor: Cursor): [string, string][] | null {
  const fields: [string, string][] = []
  for (;;) {
    const line = cursor.line()
    if (line === null) return null
    if (line === '') return fields
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    if (colon < 1 || !TOKEN.test(line.slice(0, colon)) || CONTROL.test(value)) {
      throw new MalformedResponse(`no field line (RFC 9112 §5): ${JSON.stringify(line)}`)
    }
    fields.push([line.slice(0, colon).toLowerCase(), value])
  }
}

function makeResponse(
  minorVersion: number,
  status: number,
  reason: string,
  fields: [string, string][],
): ReadResponse {
  return {
    status,
    reason,
    minorVersion,
    fields,
    get(name) {
      const lower = name.toLowerCase()
      const values = fields.filter(([field]) => field === lower).map(([, value]) => value)
      return values.length === 0 ? null : values.join(', ')
    },
    body: new Uint8Array(0),
    trailers: [],
    framing: 'none',
    text() {
      return new TextDecoder().decode(this.body)
    },
  }
}

/** A place in the bytes; what it reads is null while it is not all there. */
class Cursor {
  at = 0
  /** When something was missing: bytes, from the start, that would have been enough to go on. */
  needed = 0
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  line(): string | null {
    const end = this.#bytes.indexOf(0x0a, this.at)
    if (end < 0) {
      this.needed = this.#bytes.length + 1
      return null
    }
    if (end === this.at || this.#bytes[end - 1] !== 0x0d)
      throw new MalformedResponse('a line ends in a bare LF')
    const text = this.#bytes.toString('latin1', this.at, end - 1)
    this.at = end + 1
    return text
  }

  take(size: number): Uint8Array | null {
    if (this.left < size) {
      this.needed = this.at + size
      return null
    }
    const bytes = this.#bytes.subarray(this.at, this.at + size)
    this.at += size
    return bytes
  }
}
