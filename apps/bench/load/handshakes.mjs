// Opens TLS connections one after another on a few lanes, one request on each, and prints what it saw as JSON.
// A process of its own: it runs on the generator's core and its work is not the harness's.
import { connect } from 'node:tls'

const { port, resume, lanes, durationMs, request, body } = JSON.parse(process.env.BENCH_LOAD)

let requests = 0
let bytes = 0
let failed = 0
let wrong = 0
let unlikeAsked = 0 // a full handshake where a resumption was asked for, or the other way round
const latencies = []
let counting = false

/** One connection: handshake, request, answer, close. Gives back the newest session ticket. */
function once(session) {
  return new Promise((resolve) => {
    const start = performance.now()
    let ticket = session
    let text = ''
    const socket = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      session,
      ALPNProtocols: ['http/1.1'],
    })
    socket.on('session', (fresh) => (ticket = fresh))
    socket.once('secureConnect', () => {
      if (counting && socket.isSessionReused() !== resume) unlikeAsked++
      socket.write(request)
    })
    socket.on('data', (chunk) => {
      if (counting) bytes += chunk.length
      text += chunk.toString('latin1')
      if (complete(text)) socket.end()
    })
    socket.once('error', () => {
      if (counting) failed++
    })
    socket.once('close', () => {
      if (counting) {
        requests++
        latencies.push((performance.now() - start) * 1000)
        if (!text.startsWith('HTTP/1.1 200') || !complete(text)) wrong++
      }
      resolve(ticket)
    })
  })
}

async function lane(ticket, until) {
  while (performance.now() < until) {
    const next = await once(ticket)
    if (resume) ticket = next
  }
}

/** Content-Length or chunked: the body is there, and nothing or the last chunk stands behind it. */
function complete(text) {
  return text.endsWith(body) || (text.includes(body) && text.endsWith('\r\n0\r\n\r\n'))
}

const tickets = await Promise.all(Array.from({ length: lanes }, () => (resume ? once(undefined) : undefined)))
counting = true
const begin = performance.now()
await Promise.all(tickets.map((ticket) => lane(ticket, begin + durationMs)))
latencies.sort((a, b) => a - b)
const at = (share) => latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)]
process.stdout.write(
  JSON.stringify({
    requests,
    durationMs: performance.now() - begin,
    bytes,
    latency: { p50: at(0.5), p99: at(0.99), p999: at(0.999) },
    errors: { transport: failed, status: wrong },
    unlikeAsked,
  }),
)
