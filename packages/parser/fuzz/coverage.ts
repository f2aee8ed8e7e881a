import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

/** Which of the package's source ran, by V8's own counters: they need no instrumented build. */
export class Coverage {
  readonly #session = new Session()
  /** For each script, the offsets that ran and were learnt. */
  readonly #learnt = new Map<string, Set<number>>()
  #latest: Profiler.ScriptCoverage[] = []

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** How many characters of source ran and were learnt. */
  get size(): number {
    return [...this.#learnt.values()].reduce((sum, offsets) => sum + offsets.size, 0)
  }

  /** Whether what ran since the last call had never run. It takes milliseconds, so ask about many runs at once. */
  reachedSomethingNew(): boolean {
    // A session on its own thread has the answer before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      this.#latest = result.filter(({ url }) => url.includes('/parser/src/'))
    })
    return this.#latest.some((script) => {
      const learnt = this.#offsetsOf(script)
      return offsetsThatRan(script).some((offset) => !learnt.has(offset))
    })
  }

  /** What ran before the last call is new no more. */
  learn(): void {
    for (const script of this.#latest) {
      const learnt = this.#offsetsOf(script)
      for (const offset of offsetsThatRan(script)) learnt.add(offset)
    }
  }

  #offsetsOf({ scriptId }: Profiler.ScriptCoverage): Set<number> {
    const known = this.#learnt.get(scriptId)
    if (known !== undefined) return known
    const offsets = new Set<number>()
    this.#learnt.set(scriptId, offsets)
    return offsets
  }
}

/** Ranges lie within each other, outer ones first. Neighbours with one count are one range, so they say little. */
function offsetsThatRan({ functions }: Profiler.ScriptCoverage): number[] {
  const ran: boolean[] = []
  for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
    for (let offset = startOffset; offset < endOffset; offset++) ran[offset] = count > 0
  }
  const offsets: number[] = []
  ran.forEach((yes, offset) => {
    if (yes) offsets.push(offset)
  })
  return offsets
}
