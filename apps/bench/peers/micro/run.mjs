// One topic of micro-benchmarks in a process of its own: every contender is checked, then mitata times it.
// Prints [{ group, name, ns }] as JSON.
import { do_not_optimize as keep, measure } from 'mitata'

const { topic, root, source, seconds } = JSON.parse(process.env.BENCH_MICRO)
const load = (name) => import(`${root}/packages/${name}/${source ? 'src/index.ts' : 'dist/index.js'}`)
const { cases, close } = await (await import(`./${topic}.mjs`)).prepare(load, root)

for (const { group, name, run, check } of cases) {
  const answer = await run()
  if (!check(answer)) throw new Error(`${group}, ${name}: wrong answer: ${JSON.stringify(answer)}`)
}
const rows = []
for (const { group, name, run, asynchronous, per = 1 } of cases) {
  const timed = asynchronous ? async () => keep(await run()) : () => keep(run())
  const stats = await measure(timed, { min_cpu_time: seconds * 1e9 })
  rows.push({ group, name, ns: stats.p50 / per })
}
await close?.()
process.stdout.write(JSON.stringify(rows))
process.exit(0)
