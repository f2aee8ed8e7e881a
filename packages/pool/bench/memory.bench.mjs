// node bench/memory.bench.mjs (after pnpm build: stripping types would cost each thread 14 MiB): resident memory a thread, each pool in its own process.
import { fork } from 'node:child_process'
import { once } from 'node:events'

const THREADS = 8
const peers = new URL('./peer-tasks.mjs', import.meta.url).href
const makers = {
  async tsws() {
    const { Pool } = await import('../dist/index.js')
    const pool = new Pool(new URL('./tasks.mjs', import.meta.url), {
      minThreads: THREADS,
      maxThreads: THREADS,
    })
    return (i) => pool.run('add', [i, 1])
  },
  async piscina() {
    const { Piscina } = await import('piscina')
    const pool = new Piscina({ filename: peers, minThreads: THREADS, maxThreads: THREADS })
    return (i) => pool.run([i, 1], { name: 'add' })
  },
  async tinypool() {
    const { Tinypool } = await import('tinypool')
    const pool = new Tinypool({ filename: peers, minThreads: THREADS, maxThreads: THREADS })
    return (i) => pool.run([i, 1], { name: 'add' })
  },
}

const [name] = process.argv.slice(2)
if (name) {
  const before = process.memoryUsage().rss
  const run = await makers[name]()
  await new Promise((resolve) => setTimeout(resolve, 1500)) // all threads are up
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 64 }, (_, i) => run(i)))
  process.send((process.memoryUsage().rss - before) / THREADS)
  process.exit()
}
const results = {}
for (let round = 0; round < 5; round++) {
  for (const pool of Object.keys(makers)) {
    const child = fork(new URL(import.meta.url), [pool])
    const [bytes] = await once(child, 'message')
    ;(results[pool] ??= []).push(bytes)
  }
}
for (const [pool, list] of Object.entries(results)) {
  console.log(
    pool.padEnd(10),
    (list.toSorted((a, b) => a - b)[list.length >> 1] / 1024 / 1024).toFixed(2),
    'MiB a thread',
  )
}
