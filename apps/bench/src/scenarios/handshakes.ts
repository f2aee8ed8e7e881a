import { assertAnswer, assertLoad, WrongAnswer } from '../answers.ts'
import { HELLO } from '../fixtures.ts'
import type { LoadResult } from '../load/load.ts'
import { run } from '../processes.ts'
import { cpuMicroseconds, memoryOf } from '../procfs.ts'
import { exchange } from '../raw-client.ts'
import { withServer } from '../servers.ts'
import { LOADS } from '../settings.ts'
import { get, HELLO_ANSWER } from './messages.ts'
import type { Scenario } from './scenario.ts'

/** Handshakes in flight: enough that the server always has one to do. */
const LANES = 16

/** New TLS connections with one request each: every one a full handshake, or every one resumed by a ticket. */
export function handshakes(resume: boolean): Scenario {
  const name = resume ? 'tls-resume' : 'tls-handshake'
  return {
    name,
    title: resume
      ? 'TLS resumption by ticket, one request, close'
      : 'Full TLS handshake (P-256 certificate), one request, close',
    main: 'cpu',
    figures: ['rate', 'p50', 'p99', 'busy', 'idleRss', 'peakRss'],
    app: 'hello',
    needs: ['tls', 'close'],
    tools: ['openssl'],
    measure: (bench, peer) =>
      withServer(bench, peer, { app: 'hello', tls: true, close: true }, async (server) => {
        const what = `${peer.name}, ${name}`
        const request = get(server.port, '/hello.txt', ['Connection: close'])
        const [answer] = await exchange(server.port, request, 1, true)
        assertAnswer(answer!, HELLO_ANSWER, what)
        const idle = memoryOf(server.pid)
        const { warmUpMs, durationMs, loadCpu } = bench.settings
        const load = { port: server.port, resume, lanes: LANES, request, body: HELLO }
        await drive({ ...load, durationMs: warmUpMs }, loadCpu)
        const before = cpuMicroseconds(server.pid)
        const at = performance.now()
        const seen = await drive({ ...load, durationMs }, loadCpu)
        const cpu = cpuMicroseconds(server.pid) - before
        assertLoad(seen, 200, HELLO.length, what)
        if (seen.unlikeAsked > 0) {
          const kind = resume ? 'were not resumed' : 'were resumed'
          throw new WrongAnswer(`${what}: ${seen.unlikeAsked} of ${seen.requests} handshakes ${kind}`)
        }
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
}

async function drive(
  options: { readonly durationMs: number },
  cpu: string,
): Promise<LoadResult & { readonly unlikeAsked: number }> {
  const { stdout } = await run(process.execPath, [`${LOADS}/handshakes.mjs`], {
    cpu,
    env: { BENCH_LOAD: JSON.stringify(options) },
    timeoutMs: options.durationMs + 20_000,
  })
  return JSON.parse(stdout) as LoadResult & { readonly unlikeAsked: number }
}
