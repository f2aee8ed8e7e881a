import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Lower-case names; a repeated field is joined by `, `. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** Bytes on the wire, head and framing included. */
  readonly wireBytes: number
}

/** No server of ours or theirs needs longer for one answer on loopback. */
export const ANSWER_TIMEOUT_MS = 10_000

/** How often the end of a large answer is looked for. */
const QUIET_MS = 20

/**
 * Sends bytes as they are and reads `count` answers. The probe writes the very bytes that the load generator will,
 * so that what was asserted is what is timed.
 */
export function exchange(
  port: number,
  request: string | Uint8Array,
  count = 1,
  tls = false,
): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const socket: Socket = tls
      ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : connectTcp({ host: '127.0.0.1', port })
    const answers: RawAnswer[] = []
    const finish = (error: Error | null): void => {
      socket.destroy()
      if (error === null) resolve(answers)
      else reject(error)
    }
    let received: Buffer = Buffer.alloc(0)
    let chunks: Buffer[] = []
    let pending = 0
    const read = (ended: boolean): void => {
      received = Buffer.concat([received, ...chunks])
      chunks = []
      pending = 0
      try {
        while (answers.length < count) {
          const answer = readAnswer(received, ended)
          if (answer === null) {
            if (ended) finish(new Error(`the server closed after ${answers.length} of ${count} answers`))
            return
          }
          received = received.subarray(answer.wireBytes)
          answers.push(answer)
        }
        finish(null)
      } catch (error) {
        finish(error as Error)
      }
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      pending += chunk.length
      // Joining at each packet would make a 100 MiB answer quadratic: look when it has doubled, or goes quiet.
      if (pending >= received.length) read(false)
    })
    const quiet = setInterval(() => {
      if (pending > 0) read(false)
    }, QUIET_MS)
    socket.once('error', finish)
    socket.once('end', () => read(true))
    socket.once('close', () => {
      clearInterval(quiet)
      finish(new Error('the connection was cut')) // without effect when the promise is settled already
    })
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => {
      finish(new Error(`no complete answer in ${ANSWER_TIMEOUT_MS} ms (${received.length} bytes came)`))
    })
    socket.write(request)
  })
}

/**
 * One answer from the start of `bytes`, or null when it isn't whole yet (RFC 9112 §6.3: chunked, then
 * Content-Length, then until the connection ends).
 */
export function readAnswer(bytes: Buffer, ended: boolean): RawAnswer | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const [statusLine, ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3})( |$)/.exec(statusLine!)?.[1]
  if (status === undefined) throw new SyntaxError(`not an HTTP/1.1 status line: ${statusLine}`)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  const start = headEnd + 4
  const answer = (body: Buffer, end: number): RawAnswer => ({
    status: Number(status),
    headers,
    body,
    wireBytes: end,
  })
  // RFC 9112 §6.3: over with its head, whatever fields say of the 200 it stands for.
  if (status === '304' || status === '204') return answer(bytes.subarray(start, start), start)
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') {
    const chunked = readChunks(bytes, start)
    return chunked && answer(chunked.body, chunked.end)
  }
  const length = headers.get('content-length')
  if (length !== undefined) {
    const end = start + Number(length)
    return bytes.length < end ? null : answer(bytes.subarray(start, end), end)
  }
  return ended ? answer(bytes.subarray(start), bytes.length) : null
}

function readChunks(bytes: Buffer, start: number): { body: Buffer; end: number } | null {
  const parts: Buffer[] = []
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!(size >= 0)) throw new SyntaxError(`not a chunk size: ${bytes.toString('latin1', at, lineEnd)}`)
    const dataEnd = lineEnd + 2 + size
    if (bytes.length < dataEnd + 2) return null
    if (size === 0) return { body: Buffer.concat(parts), end: dataEnd + 2 } // no peer here sends trailers
    parts.push(bytes.subarray(lineEnd + 2, dataEnd))
    at = dataEnd + 2
  }
}
