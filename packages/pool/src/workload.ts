import { QUICK, RunTime } from './run-time.ts'
import type { Task } from './task.ts'

/** Work (ms) a thread may hold beyond what it runs: ten wake-ups' worth. What turns out slow is taken back. */
const WINDOW = 1

/** What a thread's module can do, how long each function takes, and so how much work the thread holds. */
export class Workload {
  readonly #indexes = new Map<string, number>()
  readonly #runTimes: RunTime[] = []
  /** Reckoned time (ms) of the tasks held whose function is known, and the number of the others. */
  #load = 0
  #unknown = 0

  /** The module is loaded: these are the functions it exports. */
  learn(names: readonly string[]): void {
    for (const [index, name] of names.entries()) {
      this.#indexes.set(name, index)
      this.#runTimes.push(new RunTime())
    }
  }

  get names(): string[] {
    return [...this.#indexes.keys()]
  }

  knows(name: string): boolean {
    return this.#indexes.has(name)
  }

  /** All of it is reckoned to be done sooner (ms) than another thread could be woken for it. */
  get isNearlyDone(): boolean {
    return this.#unknown === 0 && this.#load <= QUICK
  }

  /** Whether the task fits in beside what is held, so that it waits behind nothing slow. */
  hasRoomFor(task: Task): boolean {
    if (this.#unknown > 0) return false
    const cost = this.#runTimes[this.#indexes.get(task.name)!]?.cost ?? 0
    return this.#load + cost <= WINDOW
  }

  take(task: Task): void {
    task.index = this.#indexes.get(task.name)!
    task.cost = this.#runTimes[task.index]!.cost
    if (task.cost === Infinity) this.#unknown++
    else this.#load += task.cost
  }

  letGo(task: Task): void {
    if (task.cost === Infinity) this.#unknown--
    else this.#load -= task.cost
  }

  /** Nothing is held: what rounding left over goes. */
  clear(): void {
    this.#load = 0
  }

  record(task: Task, milliseconds: number): void {
    this.#runTimes[task.index]!.record(milliseconds)
  }
}
