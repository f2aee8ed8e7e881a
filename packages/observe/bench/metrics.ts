// CPU per request that metrics cost: `node --conditions=@tsws/source bench/metrics.ts`
import { Counter, Histogram, Registry } from 'prom-client'
import { RequestCounters } from '../src/index.ts'
import type { ResponseSummary } from '../src/index.ts'
import { fakeRequest } from '../test/fake-request.ts'

const REQUESTS = 2_000_000
const ROUNDS = 5

const requests = ['GET', 'GET', 'GET', 'HEAD', 'POST'].map((method) => fakeRequest({ method }))
const summaries = Array.from({ length: 1024 }, (_, index): ResponseSummary => {
  const request = requests[index % requests.length]!
  const status = index % 10 === 0 ? 404 : 200
  const durationMs = 0.02 + (index & 255) / 500
  return { request, connection: request.connection, status, bodyBytes: 1024, durationMs, outcome: 'complete' }
})

const own = new RequestCounters()
const registry = new Registry()
const registers = [registry]
const total = new Counter({ name: 'a_total', help: 'a', labelNames: ['method', 'status'], registers })
const durations = new Histogram({ name: 'b', help: 'b', registers })
const bytes = new Counter({ name: 'c_total', help: 'c', registers })

const rivals: Record<string, (one: ResponseSummary) => void> = {
  RequestCounters: (one) => own.onResponse(one),
  'prom-client, three calls': (one) => {
    total.inc({ method: one.request!.method, status: one.status < 300 ? '2xx' : '4xx' })
    durations.observe(one.durationMs / 1000)
    bytes.inc(one.bodyBytes)
  },
}

const times: Record<string, number[]> = {}
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, count] of Object.entries(rivals)) {
    const start = process.cpuUsage()
    for (let request = 0; request < REQUESTS; request++) count(summaries[request & 1023]!)
    const { user, system } = process.cpuUsage(start)
    if (round >= 0) (times[name] ??= []).push(((user + system) / REQUESTS) * 1000)
  }
}
const counted = own.read()[0]!.values.reduce((sum, { value }) => sum + value, 0)
if (counted !== REQUESTS * (ROUNDS + 1)) throw new Error(`counted ${counted} requests`)
for (const [name, figures] of Object.entries(times)) {
  const sorted = figures.toSorted((a, b) => a - b)
  const [least, median, most] = [sorted[0]!, sorted[ROUNDS >> 1]!, sorted.at(-1)!].map((ns) => ns.toFixed(0))
  console.log(`${name.padEnd(28)} ${median} ns a request (${least}–${most})`)
}
