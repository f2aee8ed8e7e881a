// Small tasks over two threads: what sending them there and back costs.
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'

const THREADS = 2
const IN_FLIGHT = 64

export async function prepare(load) {
  const { Pool } = await load('pool')
  const tasks = new URL('./tasks.mjs', import.meta.url)
  const threads = { minThreads: THREADS, maxThreads: THREADS }
  const pool = new Pool(tasks, threads)
  const piscina = new Piscina({ filename: tasks.href, ...threads })
  const tinypool = new Tinypool({ filename: tasks.href, ...threads })
  const runs = {
    tsws: (a, b) => pool.run('add', [a, b]),
    piscina: (a, b) => piscina.run([a, b], { name: 'addPair' }),
    tinypool: (a, b) => tinypool.run([a, b], { name: 'addPair' }),
  }
  const cases = Object.entries(runs).flatMap(([name, run]) => [
    {
      group: `add(a, b), ${IN_FLIGHT} in flight, time per task`,
      name,
      asynchronous: true,
      per: IN_FLIGHT,
      run: () => Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => run(index, 1))),
      check: (sums) => sums.every((sum, index) => sum === index + 1),
    },
    {
      group: 'add(a, b), one at a time',
      name,
      asynchronous: true,
      run: () => run(2, 3),
      check: (sum) => sum === 5,
    },
  ])
  return {
    cases,
    async close() {
      await Promise.all([pool.close(), piscina.destroy(), tinypool.destroy()])
    },
  }
}
