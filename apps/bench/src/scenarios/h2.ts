import { connect } from 'node:http2'
import { assertAnswer, assertLoad } from '../answers.ts'
import { HELLO } from '../fixtures.ts'
import { h2load } from '../load/h2load.ts'
import { cpuMicroseconds, memoryOf } from '../procfs.ts'
import { ANSWER_TIMEOUT_MS } from '../raw-client.ts'
import type { RawAnswer } from '../raw-client.ts'
import { withServer } from '../servers.ts'
import { HELLO_ANSWER } from './messages.ts'
import type { Scenario } from './scenario.ts'

const PATH = '/hello.txt'
const CONNECTIONS = 16
const STREAMS = 10

/** Hello over HTTP/2 without TLS, so that it is the protocol that is measured and not the cipher. */
export const H2: Scenario = {
  name: 'h2',
  title: `Hello, World! over HTTP/2 without TLS, ${CONNECTIONS} connections × ${STREAMS} streams`,
  main: 'cpu',
  figures: ['rate', 'p50', 'p99', 'p999', 'busy', 'idleRss', 'peakRss'],
  app: 'hello',
  needs: ['h2c'],
  tools: ['h2load'],
  measure: (bench, peer) =>
    withServer(bench, peer, { app: 'hello', http2: true }, async (server) => {
      const what = `${peer.name}, h2`
      assertAnswer(await request(server.port), HELLO_ANSWER, what)
      const idle = memoryOf(server.pid)
      const load = {
        port: server.port,
        path: PATH,
        connections: CONNECTIONS,
        streams: STREAMS,
        cpu: bench.settings.loadCpu,
      }
      await h2load({ ...load, durationMs: bench.settings.warmUpMs })
      const before = cpuMicroseconds(server.pid)
      const at = performance.now()
      const seen = await h2load({ ...load, durationMs: bench.settings.durationMs })
      const cpu = cpuMicroseconds(server.pid) - before
      assertLoad(seen, 200, HELLO.length, what)
      return {
        cpu: cpu / seen.requests,
        rate: (seen.requests / seen.durationMs) * 1000,
        ...seen.latency,
        busy: cpu / ((performance.now() - at) * 1000),
        idleRss: idle.rss,
        peakRss: memoryOf(server.pid).peak,
      }
    }),
}

/** One request over HTTP/2 with prior knowledge. */
function request(port: number): Promise<Omit<RawAnswer, 'wireBytes'>> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`)
    const stream = session.request({ ':path': PATH })
    const chunks: Buffer[] = []
    const headers = new Map<string, string>()
    let status = 0
    const fail = (error: Error): void => {
      session.destroy()
      reject(error)
    }
    session.once('error', fail)
    stream.once('error', fail)
    stream.setTimeout(ANSWER_TIMEOUT_MS, () =>
      fail(new Error(`no answer over HTTP/2 in ${ANSWER_TIMEOUT_MS} ms`)),
    )
    stream.once('response', (fields) => {
      status = Number(fields[':status'])
      for (const [name, value] of Object.entries(fields)) headers.set(name, String(value))
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => {
      session.close()
      resolve({ status, headers, body: Buffer.concat(chunks) })
    })
  })
}
