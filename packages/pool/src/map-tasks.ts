import type { Task } from './task.ts'

/** How `mapTasks` hands in one item and takes back those that have not begun. */
export interface MapTarget {
  submit(
    item: unknown,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ): Task | undefined
  drop(task: Task, reason: unknown): void
}

/** Runs a task for each item, so many at once, and answers in the order of the items; the first failure ends it. */
export async function mapTasks(
  target: MapTarget,
  items: Iterable<unknown> | AsyncIterable<unknown>,
  concurrency: number,
): Promise<unknown[]> {
  const run = new MapRun(target, items)
  const lanes: Promise<void>[] = []
  while (lanes.length < concurrency && run.goesOn) lanes.push(run.lane())
  await Promise.all(lanes)
  await run.finish()
  return run.results
}

class MapRun {
  readonly results: unknown[] = []
  readonly #target: MapTarget
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>
  readonly #underWay = new Set<Task>()
  #next = 0
  #ended = false
  #failure: { readonly reason: unknown } | undefined

  constructor(target: MapTarget, items: Iterable<unknown> | AsyncIterable<unknown>) {
    this.#target = target
    this.#iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  }

  get goesOn(): boolean {
    return !this.#ended && !this.#failure
  }

  /** Takes one item after the other until there is none, or one has failed. */
  async lane(): Promise<void> {
    try {
      while (this.goesOn) {
        const place = this.#next++
        const taken = this.#iterator.next()
        const item = taken instanceof Promise ? await taken : taken
        if (item.done) this.#ended = true
        if (this.goesOn) this.results[place] = await this.#one(item.value)
      }
    } catch (reason) {
      this.#failure ??= { reason }
      for (const task of this.#underWay) this.#target.drop(task, reason)
    }
  }

  async finish(): Promise<void> {
    if (!this.#failure) return
    if (!this.#ended) await this.#iterator.return?.()
    throw this.#failure.reason
  }

  async #one(item: unknown): Promise<unknown> {
    let task: Task | undefined
    try {
      return await new Promise((resolve, reject) => {
        task = this.#target.submit(item, resolve, reject)
        if (task) this.#underWay.add(task)
      })
    } finally {
      if (task) this.#underWay.delete(task)
    }
  }
}
