import type { MessagePort, Transferable } from 'node:worker_threads'
import { isPrimitive, toJson } from './json-tree.ts'
import { TASK_FIELDS } from './protocol.ts'
import type { Slots } from './slots.ts'
import type { Task } from './task.ts'

/** What is to be sent to a thread: the tasks of one turn leave in one message. */
export class Outbox {
  readonly #port: MessagePort
  readonly #slots: Slots
  readonly #unsendable: (slot: number, error: unknown) => void
  #batch: unknown[] = []

  /** @param unsendable told of a task whose arguments cannot be cloned */
  constructor(port: MessagePort, slots: Slots, unsendable: (slot: number, error: unknown) => void) {
    this.#port = port
    this.#slots = slots
    this.#unsendable = unsendable
  }

  /** Takes a task that has its slot and index; it goes with `post()`, or at once where it needs a message of its own. */
  add({ slot, index, args, transfer, deaths }: Task): void {
    if (transfer) {
      this.post()
      this.#sendOne([slot, index, args], transfer)
      return
    }
    const sent = args.every(isPrimitive) ? args : toJson(args)
    if (sent !== undefined && deaths === 0) return void this.#batch.push(slot, index, sent)
    // A thread may have died of reading it: nothing else is to be in its message. And in one message an object that two tasks were given would arrive as one: each gets a message, and a copy.
    this.post()
    this.#sendOne([slot, index, args])
  }

  /** Sends what was added since the last time, as one message. */
  post(): void {
    if (this.#batch.length === 0) return
    const batch = this.#batch
    this.#batch = []
    try {
      this.#send(batch)
    } catch {
      // Something in it cannot be cloned: find out which, so that only that task fails.
      for (let at = 0; at < batch.length; at += TASK_FIELDS) this.#sendOne(batch.slice(at, at + TASK_FIELDS))
    }
  }

  #sendOne(entry: unknown[], transfer?: readonly Transferable[]): void {
    try {
      this.#send(entry, transfer)
    } catch (error) {
      this.#unsendable(entry[0] as number, error)
    }
  }

  #send(batch: unknown[], transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(batch, transfer as ArrayBuffer[])
    this.#slots.countSent()
  }
}
