// What an async handler costs beside a sync one, with no socket and no kernel between. `pnpm exec node packages/engine/bench/async-handler.mjs [rounds]`
import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { NullStream } from './null-stream.mjs'

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n')
const REQUESTS = 51_200
/** Connections, each of which waits for its answer. */
const CONNECTIONS = 64

const handlers = {
  sync: () => respond.text('Hello, World!'),
  async: async () => respond.text('Hello, World!'),
  'async, awaits once': async () => {
    await Promise.resolve()
    return respond.text('Hello, World!')
  },
}

/** CPU time of one request, ns. */
async function measure(streams) {
  const before = streams.reduce((sum, { answers }) => sum + answers, 0)
  const start = process.cpuUsage()
  for (let sent = 0; sent < REQUESTS; sent += CONNECTIONS) {
    for (const stream of streams) stream.emit('data', Buffer.from(REQUEST))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { user, system } = process.cpuUsage(start)
  const answered = streams.reduce((sum, { answers }) => sum + answers, 0) - before
  if (answered !== Math.ceil(REQUESTS / CONNECTIONS) * CONNECTIONS) throw new Error(`${answered} answers`)
  return ((user + system) * 1000) / answered
}

const contenders = Object.entries(handlers).map(([name, handler]) => {
  const server = createServer(handler)
  const streams = Array.from({ length: CONNECTIONS }, () => new NullStream())
  for (const stream of streams) server.serve(stream)
  return { name, streams, rounds: [] }
})
const rounds = Number(process.argv[2] ?? 31)
for (let round = -2; round < rounds; round++) {
  const order = round % 2 ? contenders : contenders.toReversed()
  for (const { streams, rounds } of order) {
    const ns = await measure(streams)
    if (round >= 0) rounds.push(ns)
  }
}
// Whatever else runs can only make a round dearer: lower quartiles are compared.
const quartile = (values) => values.toSorted((one, other) => one - other)[values.length >> 2]
const sync = quartile(contenders[0].rounds)
for (const { name, rounds } of contenders) {
  const ns = quartile(rounds)
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)]
  console.log(
    `${name.padEnd(20)} ${ns.toFixed(0)} ns a request (${least.toFixed(0)}–${most.toFixed(0)}), ${(ns - sync).toFixed(0)} more than sync`,
  )
}
process.exit()
