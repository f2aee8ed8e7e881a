// One run of autocannon, from the raw messages of a scenario to the figures of a LoadResult.
import autocannon from 'autocannon'

const { port, tls, messages, connections, durationMs } = JSON.parse(process.env.BENCH_LOAD)

/** A raw message, split up again: autocannon builds its requests itself. */
const requests = messages.flatMap((message) => {
  const parsed = []
  for (let rest = message; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n')
    const [line, ...lines] = rest.slice(0, end).split('\r\n')
    const [method, path] = line.split(' ')
    const headers = Object.fromEntries(
      lines.map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()]),
    )
    const length = Number(headers['Content-Length'] ?? 0)
    const body = rest.slice(end + 4, end + 4 + length)
    parsed.push({ method, path, headers, ...(length > 0 && { body }) })
    rest = rest.slice(end + 4 + length)
  }
  return parsed
})
const perMessage = requests.length / messages.length

const result = await autocannon({
  url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
  connections,
  duration: durationMs / 1000,
  pipelining: perMessage,
  requests,
})
/** autocannon counts whole milliseconds: its 0 says nothing. */
function microseconds(ms) {
  return ms > 0 ? ms * 1000 : undefined
}

const answers = result['1xx'] + result['2xx'] + result['3xx'] + result['4xx'] + result['5xx']
process.stdout.write(
  JSON.stringify({
    requests: answers,
    durationMs: result.duration * 1000,
    bytes: result.throughput.total,
    latency: {
      p50: microseconds(result.latency.p50),
      p99: microseconds(result.latency.p99),
      p999: microseconds(result.latency.p99_9),
    },
    errors: { transport: result.errors + result.timeouts, status: result['4xx'] + result['5xx'] },
  }),
)
