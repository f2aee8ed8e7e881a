// node --conditions=@tsws/source bench/server.bench.mjs (in packages/pool; needs wrk): each strategy under
// keep-alive and one-request connections, and with 0.1 ms of work a request (scaling), interleaved; requests a second and CPU µs a request, medians.
import { execFile, fork } from 'node:child_process'
import { promisify } from 'node:util'

const ROUNDS = Number(process.env.ROUNDS ?? 5)
const SECONDS = Number(process.env.SECONDS ?? 2)
const run = promisify(execFile)
const answer = (child) => new Promise((resolve) => child.once('message', resolve))

const contenders = [
  ['none', 1],
  ['transfer', 1],
  ['transfer', 2],
  ['reusePort', 2],
  ['cluster', 2],
]
const servers = []
for (const [strategy, threads] of contenders) {
  const child = fork(new URL('./server-under-test.mjs', import.meta.url), [strategy, String(threads)])
  const { port } = await answer(child)
  servers.push({
    name: `${strategy} ${threads}`,
    child,
    port,
    results: { keepAlive: [], oneRequest: [], work: [] },
  })
}
const cpu = async (child) => {
  child.send('cpu')
  return (await answer(child)).cpu
}
for (let round = 0; round < ROUNDS; round++) {
  for (const server of servers) {
    for (const [kind, args] of [
      ['keepAlive', []],
      ['oneRequest', ['-H', 'Connection: close']],
      ['work', []],
    ]) {
      const before = await cpu(server.child)
      const { stdout } = await run('wrk', [
        '-t1',
        '-c32',
        `-d${SECONDS}s`,
        ...args,
        `http://127.0.0.1:${server.port}/${kind === 'work' ? 'work' : ''}`,
      ])
      const used = (await cpu(server.child)) - before
      const count = Number(/(\d+) requests in/.exec(stdout)[1])
      const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1])
      if (/Non-2xx|Socket errors: connect [1-9]/.test(stdout)) throw new Error(stdout)
      server.results[kind].push({ rate, cpu: used / count })
    }
  }
}
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1]
for (const kind of ['keepAlive', 'oneRequest', 'work']) {
  console.log(kind)
  for (const { name, results } of servers) {
    const rate = median(results[kind].map((result) => result.rate))
    const used = median(results[kind].map((result) => result.cpu))
    console.log(
      `  ${name.padEnd(14)} ${Math.round(rate).toLocaleString('en').padStart(9)} /s   ${used.toFixed(1).padStart(6)} µs CPU a request`,
    )
  }
}
for (const { child } of servers) child.disconnect()
