/** Rounds; the median of them is told. CPU time is counted, so that a busy neighbour decides little. */
const ROUNDS = 9
/** Milliseconds of CPU that a round takes at least. */
const ROUND = 60

/** What the work gave, summed up: a result that nobody keeps might be left out by the compiler. */
let kept = 0

/** Prints and gives the median CPU nanoseconds of one call of a function that answers at once. */
export async function measure(name: string, work: () => number): Promise<number> {
  return report(name, (calls) => {
    for (let call = 0; call < calls; call++) kept += work()
  })
}

/** The same for a function that answers with a promise, which is awaited. */
export async function measureAsync(name: string, work: () => Promise<number>): Promise<number> {
  return report(name, async (calls) => {
    for (let call = 0; call < calls; call++) kept += await work()
  })
}

async function report(name: string, run: (calls: number) => void | Promise<void>): Promise<number> {
  const time = async (calls: number): Promise<number> => {
    const start = process.cpuUsage()
    await run(calls)
    const { user, system } = process.cpuUsage(start)
    return (user + system) * 1000
  }
  let calls = 1000
  while ((await time(calls)) < ROUND * 1e6) calls *= 2
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push((await time(calls)) / calls)
  const median = rounds.toSorted((a, b) => a - b)[ROUNDS >> 1] as number
  if (!Number.isFinite(kept)) throw new Error(`${name} gave no numbers`)
  console.log(`${name.padEnd(52)} ${median.toFixed(1).padStart(9)} ns`)
  return median
}
