import { performance } from 'node:perf_hooks'
import { receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort, Worker } from 'node:worker_threads'
import { readAnswer } from './answer.ts'
import { clampDelay } from './delay.ts'
import { decodeThrown } from './error-transport.ts'
import type { ThrownRecord } from './error-transport.ts'
import type { ThreadEndReason } from './diagnostics.ts'
import { PoolError } from './errors.ts'
import { LinkedQueue } from './linked-queue.ts'
import type { ResolvedPoolOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import type { FromThread } from './protocol.ts'
import { SLOTS, State, Tag } from './slots.ts'
import type { Slots } from './slots.ts'
import { startWorker } from './start-worker.ts'
import { StreamReader } from './stream-reader.ts'
import type { Task } from './task.ts'
import { toError } from './to-error.ts'
import { Workload } from './workload.ts'

/** What a thread tells the pool; called synchronously. */
export interface ThreadEvents {
  ready(thread: TaskThread): void
  /** The thread has answered some tasks: there may be room. */
  progressed(thread: TaskThread): void
  settled(task: Task, failed: boolean, reason: unknown, value: unknown): void
  exited(thread: TaskThread, error: Error | undefined, code: number): void
}

/**
 * The pool's side of one worker thread. It is given tasks (`accepts`, `assign`, `post`), has some of them taken back, and
 * answers: in the shared memory, read by `drain`, or by message. What it can do and how much it holds is in
 * `workload.ts`, how tasks are sent in `outbox.ts`.
 */
export class TaskThread {
  readonly threadId: number
  readonly startedAt = performance.now()
  readonly worker: Worker
  readonly slots: Slots
  readonly tasks = new LinkedQueue<Task>()
  ready = false
  /** Takes no more tasks; ended when it holds none. */
  retiring = false
  /** `terminate()` was called. */
  ending = false
  failure: Error | undefined
  idleSince = 0
  /** Tasks given to it, less those taken back. */
  givenTotal = 0
  finishedTotal = 0
  busyTime = 0
  /** Why the pool ended it; undefined when it ended by itself, which is a crash. */
  endReason: ThreadEndReason | undefined
  /** Tasks finished when the watchdog last looked. */
  seenByWatchdog = -1
  /** It finished nothing between two looks of the watchdog: it gets no more until it does. */
  stuck = false

  readonly #options: ResolvedPoolOptions
  readonly #events: ThreadEvents
  readonly #port: MessagePort
  readonly #bySlot: (Task | undefined)[] = Array.from({ length: SLOTS })
  readonly #freeSlots: number[] = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index)
  readonly #workload = new Workload()
  readonly #outbox: Outbox
  readonly #startTimer: NodeJS.Timeout

  constructor(program: URL, module: string, options: ResolvedPoolOptions, events: ThreadEvents) {
    this.#options = options
    this.#events = events
    const { worker, port, slots } = startWorker(program, module, options)
    this.worker = worker
    this.slots = slots
    this.#port = port
    this.#outbox = new Outbox(port, slots, (slot, error) => this.#neverSent(this.#bySlot[slot]!, error))
    this.threadId = worker.threadId // it is -1 once the thread has ended
    this.#startTimer = setTimeout(() => this.#failStart(), clampDelay(options.startTimeout)).unref()
    port.on('message', (message: FromThread) => this.#receive(message))
    worker.on('error', (error) => (this.failure ??= toError(error)))
    worker.once('exit', (code) => {
      clearTimeout(this.#startTimer)
      this.#readWhatIsLeft()
      port.close()
      events.exited(this, this.failure, code)
    })
    // What keeps the process alive is the pool's one timer while tasks are under way, not each thread.
    port.unref()
    worker.unref()
  }

  /** Names of the functions the module exports. */
  get names(): string[] {
    return this.#workload.names
  }

  /** What it holds is reckoned to be done sooner (ms) than another thread could be woken for it. */
  get nearlyDone(): boolean {
    return this.#workload.isNearlyDone
  }

  get idle(): boolean {
    return this.ready && !this.retiring && this.tasks.size === 0
  }

  knows(name: string): boolean {
    return this.#workload.knows(name)
  }

  /** Whether the task may be given to this thread now, without risk that it waits behind a slow one for long. */
  accepts(task: Task): boolean {
    if (!this.ready || this.retiring || this.#freeSlots.length === 0) return false
    if (this.givenTotal >= this.#options.maxTasksPerThread) return false
    if (this.tasks.size < this.#options.concurrency) return true
    if (task.transfer || this.stuck) return false // once sent, buffers cannot be sent to another thread
    return this.#workload.hasRoomFor(task)
  }

  /** Takes the task on; it is sent with `post()`. */
  assign(task: Task): void {
    const slot = this.#freeSlots.pop()!
    task.thread = this
    task.slot = slot
    this.#workload.take(task)
    this.#bySlot[slot] = task
    this.tasks.push(task)
    this.givenTotal++
    this.slots.setState(slot, State.sent)
    this.#outbox.add(task)
  }

  /** Sends what was assigned since the last time. */
  post(): void {
    this.#outbox.post()
  }

  /** Takes a task back that the thread has not begun. @returns false when it has begun, or cannot be sent again */
  takeBack(task: Task): boolean {
    if (task.transfer || !this.slots.claim(task.slot, State.taken)) return false
    this.#release(task, false)
    this.givenTotal--
    task.thread = undefined
    return true
  }

  /** As `takeBack`, for a task that will not be run at all. */
  cancel(task: Task): boolean {
    if (!this.slots.claim(task.slot, State.taken)) return false
    this.#release(task, false)
    return true
  }

  /** Reads the answers in the shared memory. Cheap when there are none. */
  drain(): void {
    if (!this.slots.hasFinished) return
    do {
      for (let slot = this.slots.nextFinished(); slot >= 0; slot = this.slots.nextFinished())
        this.#finish(slot)
      this.slots.sleep()
    } while (this.slots.hasFinished)
    this.#events.progressed(this)
  }

  grant(task: Task, credit: number): void {
    if (task.thread === this) this.#port.postMessage({ slot: task.slot, credit })
  }

  cancelStream(task: Task): void {
    if (task.thread === this) this.#port.postMessage({ slot: task.slot, cancel: true })
  }

  terminate(reason: ThreadEndReason): void {
    if (this.ending) return
    this.endReason = reason
    this.ending = true
    this.retiring = true
    void this.worker.terminate()
  }

  #neverSent(task: Task, error: unknown): void {
    const { slot } = task
    this.#release(task, true)
    this.slots.setState(slot, State.free)
    const message = `The arguments of task '${task.name}' cannot be sent to a thread: ${toError(error).message}`
    this.#events.settled(
      task,
      true,
      new PoolError('ERR_POOL_ARGUMENTS', message, { cause: error }),
      undefined,
    )
  }

  #receive(message: FromThread): void {
    if (message === null) {
      // Between this message and now the ring may have been read: look in any case, then sleep again.
      if (this.slots.hasFinished) this.drain()
      else this.#sleep()
      return
    }
    switch (message.kind) {
      case 'ready':
        clearTimeout(this.#startTimer)
        this.#workload.learn(message.names)
        this.ready = true
        this.idleSince = performance.now()
        return this.#events.ready(this)
      case 'failed':
        this.failure = toError(decodeThrown(message.thrown))
        return this.terminate('crashed')
      default:
        this.#receiveAnswer(message)
    }
  }

  #sleep(): void {
    this.slots.sleep()
    if (this.slots.hasFinished) this.drain()
  }

  #receiveAnswer(message: Exclude<FromThread, null | { kind: 'ready' } | { kind: 'failed' }>): void {
    const task = this.#bySlot[message.slot]
    if (!task) return
    switch (message.kind) {
      case 'open':
        task.stream = new StreamReader(
          (items) => this.grant(task, items),
          () => this.cancelStream(task),
        )
        return task.resolve(task.stream.iterator())
      case 'item':
        return task.stream?.push(message.value)
      case 'end':
        this.#complete(task, false, undefined, undefined)
        break
      case 'value':
        this.#complete(task, false, undefined, message.value)
        break
      case 'thrown':
        this.#complete(task, true, decodeThrown(message.value as ThrownRecord), undefined)
        break
      case 'uncloneable': {
        const cause = decodeThrown(message.value as ThrownRecord)
        const text = `What task '${task.name}' answered cannot be sent back: ${toError(cause).message}`
        this.#complete(task, true, new PoolError('ERR_POOL_RESULT', text, { cause }), undefined)
      }
    }
    this.#events.progressed(this)
  }

  #finish(slot: number): void {
    const task = this.#bySlot[slot]
    const tag = this.slots.tag(slot)
    if (tag === Tag.skipped || !task) return void this.#freeSlots.push(slot)
    const { thrown, value } = readAnswer(this.slots, slot)
    this.#complete(task, thrown, thrown ? value : undefined, thrown ? undefined : value)
  }

  #complete(task: Task, failed: boolean, reason: unknown, value: unknown): void {
    const ran = this.slots.runTime(task.slot)
    this.#workload.record(task, ran)
    this.busyTime += ran
    this.finishedTotal++
    this.stuck = false
    task.runTime = ran
    task.waitTime = this.slots.beganAt(task.slot) - task.queuedAt
    this.#release(task, true)
    this.#events.settled(task, failed, reason, value)
  }

  /** Lets go of the task. Its slot is free at once, or when the thread has passed over it. */
  #release(task: Task, slotToo: boolean): void {
    this.tasks.remove(task)
    this.#bySlot[task.slot] = undefined
    if (slotToo) this.#freeSlots.push(task.slot)
    this.#workload.letGo(task)
    if (this.tasks.size === 0) {
      this.#workload.clear()
      this.idleSince = performance.now()
    }
  }

  /** A dead thread's answers are still answers. */
  #readWhatIsLeft(): void {
    for (let got = receiveMessageOnPort(this.#port); got; got = receiveMessageOnPort(this.#port)) {
      this.#receive(got.message as FromThread)
    }
    this.drain()
  }

  #failStart(): void {
    const message = `A thread of pool '${this.#options.name}' did not finish loading its module within ${this.#options.startTimeout} ms`
    this.failure = new PoolError('ERR_POOL_THREAD_START', message)
    this.terminate('crashed')
  }
}
