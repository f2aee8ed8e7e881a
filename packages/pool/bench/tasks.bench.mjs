// node --conditions=@tsws/source bench/tasks.bench.mjs  (in packages/pool, after npm install in bench/)
// Interleaved rounds in one process, each beginning with the next pool; the median of each, and of the ratios within a
// round with the least and the most. Every answer is checked. ONLY='one at a time' runs what has that in its name.
import assert from 'node:assert/strict'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { Pool } from '../src/index.ts'

const ROUNDS = Number(process.env.ROUNDS ?? 5)
const MILLISECONDS = Number(process.env.MS ?? 400)
const THREADS = 2
const peers = new URL('./peer-tasks.mjs', import.meta.url).href

const pool = new Pool(new URL('./tasks.mjs', import.meta.url), { minThreads: THREADS, maxThreads: THREADS })
const spinning = new Pool(new URL('./tasks.mjs', import.meta.url), {
  minThreads: 1,
  maxThreads: 1,
  spin: 100,
})
const piscina = new Piscina({ filename: peers, minThreads: THREADS, maxThreads: THREADS })
const piscinaAsync = new Piscina({
  filename: peers,
  minThreads: THREADS,
  maxThreads: THREADS,
  atomics: 'disabled',
})
const tinypool = new Tinypool({ filename: peers, minThreads: THREADS, maxThreads: THREADS })

const runners = {
  tsws: (name, args, transfer) => pool.run(name, args, transfer && { transfer }),
  piscina: (name, args, transfer) =>
    piscina.run(transfer ? args[0] : args, { name, ...(transfer && { transferList: transfer }) }),
  'piscina, atomics off': (name, args, transfer) =>
    piscinaAsync.run(transfer ? args[0] : args, { name, ...(transfer && { transferList: transfer }) }),
  tinypool: (name, args, transfer) =>
    tinypool.run(transfer ? args[0] : args, { name, ...(transfer && { transferList: transfer }) }),
}

/** @returns tasks a second with so many in flight */
async function rate(one, inFlight) {
  let done = 0
  const end = performance.now() + MILLISECONDS
  const began = performance.now()
  const lane = async () => {
    while (performance.now() < end) {
      await one(done)
      done++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return (done / (performance.now() - began)) * 1000
}

const object = { id: 7, name: 'a name', tags: ['x', 'y'], nested: { ok: true } }
const work = {
  'add(1, 2), 64 in flight': {
    inFlight: 64,
    of: (run) => async (i) => assert.equal(await run('add', [i, 2]), i + 2),
  },
  'echo(small object), 64 in flight': {
    inFlight: 64,
    of: (run) => async () => assert.equal((await run('echo', [object])).nested.ok, true),
  },
  'add(1, 2), one at a time': {
    inFlight: 1,
    of: (run) => async (i) => assert.equal(await run('add', [i, 2]), i + 2),
  },
  '1 MiB transferred, one at a time': {
    inFlight: 1,
    of: (run) => async () => {
      const buffer = new ArrayBuffer(1 << 20)
      assert.equal(await run('length', [buffer], [buffer]), 1 << 20)
    },
  },
}

for (const [name, { inFlight, of }] of Object.entries(work)) {
  if (!name.includes(process.env.ONLY ?? '')) continue
  const contenders = { ...runners }
  if (name.includes('add') && inFlight === 1)
    contenders['tsws, spin 100 µs'] = (task, args) => spinning.run(task, args)
  const rates = Object.fromEntries(Object.keys(contenders).map((key) => [key, []]))
  for (let round = 0; round <= ROUNDS; round++) {
    const keys = Object.keys(contenders)
    for (const [turn] of keys.entries()) {
      const key = keys[(turn + round) % keys.length]
      const run = contenders[key]
      const measured = await rate(of(run), inFlight)
      if (round > 0) rates[key].push(measured) // the first round warms up
    }
  }
  console.log(`\n${name}`)
  for (const [key, list] of Object.entries(rates)) {
    const value = median(list)
    const ratios = list.map((one, round) => one / rates.piscina[round])
    const [least, middle, most] = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map((r) =>
      r.toFixed(2),
    )
    console.log(
      `  ${key.padEnd(24)} ${Math.round(value).toLocaleString('en').padStart(10)} /s  ${(1e6 / value).toFixed(2).padStart(8)} µs  ${middle} × piscina (${least}–${most})`,
    )
  }
}
await Promise.all([
  pool.close(),
  spinning.close(),
  piscina.destroy(),
  piscinaAsync.destroy(),
  tinypool.destroy(),
])

function median(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 1]
}
