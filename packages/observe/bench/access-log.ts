// CPU per access-log line: `node --conditions=@tsws/source bench/access-log.ts`
import { pino } from 'pino'
import { accessLog, createLogger } from '../src/index.ts'
import type { ResponseSummary } from '../src/index.ts'
import { fakeRequest } from '../test/fake-request.ts'

const LINES = 200_000
/** Lines between turns of the event loop: what 64 busy connections make. */
const LINES_PER_TURN = 64

function summary(count: number): ResponseSummary {
  const request = fakeRequest({ target: '/assets/app.3f2a.js?v=1' })
  return {
    request,
    connection: request.connection,
    status: 200,
    bodyBytes: 1024 + (count & 1023),
    durationMs: 0.0421 + (count & 63) / 100,
    outcome: 'complete',
  }
}

async function measure(
  name: string,
  work: (summary: ResponseSummary) => void,
  end = async () => {},
): Promise<number> {
  const summaries = Array.from({ length: 1024 }, (_, index) => summary(index))
  const run = async (lines: number) => {
    for (let line = 0; line < lines; line++) {
      work(summaries[line & 1023] as ResponseSummary)
      if (line % LINES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await end()
  }
  await run(20_000)
  const start = process.cpuUsage()
  await run(LINES)
  const { user, system } = process.cpuUsage(start)
  const micros = (user + system) / LINES
  console.log(`${name.padEnd(44)} ${micros.toFixed(3)} µs`)
  return micros
}

const file = process.argv[2] ?? '/dev/null'
await measure('loop alone', () => {})
const off = accessLog(createLogger({ format: 'off' }).logger)
await measure('off', (one) => off.onResponse?.(one))
const ours = createLogger({ destination: file })
const fast = accessLog(ours.logger)
await measure(
  'createLogger',
  (one) => fast.onResponse?.(one),
  () => ours.flush(),
)
const child = accessLog(ours.logger.child({}))
await measure(
  'a child of it (through pino)',
  (one) => child.onResponse?.(one),
  () => ours.flush(),
)
const boom = pino.destination({ dest: file, sync: false, minLength: 4096 })
const plain = accessLog(pino({ base: null }, boom))
await measure('pino with its own destination', (one) => plain.onResponse?.(one))
await ours.close()
