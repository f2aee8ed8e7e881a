/** The program of a task thread: loads the user's module, runs what the pool sends, answers. */
import { performance } from 'node:perf_hooks'
import { getHeapStatistics, Serializer } from 'node:v8'
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { encodeThrown } from './error-transport.ts'
import { toJson } from './json-tree.ts'
import { Lingerer } from './linger.ts'
import { STREAM_WINDOW, TASK_FIELDS } from './protocol.ts'
import type { StreamControl, TaskBatch, ThreadStart, ToThread } from './protocol.ts'
import { RunTime } from './run-time.ts'
import { LONGEST_RECORD, Slots, State, Tag } from './slots.ts'
import { isTransferred, setThreadData } from './worker.ts'

type TaskFunction = (...args: unknown[]) => unknown

const start = workerData as ThreadStart
const { port, concurrency } = start
const slots = new Slots(start.memory)
const clockOffset = performance.timeOrigin - start.timeOrigin
const now = (): number => performance.now() + clockOffset

/** Answers in the shared memory wait at most this long (ms) for company before the pool is woken. */
const WAKE_AFTER = 0.1
/** Heap use is read this often, ms: a reading costs some microseconds. */
const HEAP_INTERVAL = 250

const functions: TaskFunction[] = []
const runTimes: RunTime[] = []
/** What came and has not begun, flat as in the message; `next` is the place of the next one. */
let pending: TaskBatch = []
let next = 0
let active = 0
/** When the first answer was written that the pool was not woken for; 0 when there is none. */
let unheardSince = 0
let heapReadAt = 0
const streams = new Map<number, StreamControls>()

interface StreamControls {
  /** Items that may still be sent. */
  credit: number
  /** The reader wants no more. */
  left: boolean
  proceed: (() => void) | undefined
}

const lingerer = new Lingerer(
  {
    get sentCount() {
      return slots.sentCount
    },
    next() {
      if (active > 0) return 'leave' // what runs needs the event loop
      const got = receiveMessageOnPort(port)
      if (got === undefined) return 'none'
      receive(got.message as ToThread)
      work()
      return isWorthLingering(got.message as ToThread) ? 'go on' : 'leave'
    },
    waitForMore: (seen, longest) => slots.waitForMore(seen, longest),
    now,
  },
  start.spin / 1000,
)

function onMessage(message: ToThread): void {
  receive(message)
  work()
  if (isWorthLingering(message)) lingerer.linger()
}

/** After one task by itself: whoever waits for its answer may send the next one then. Many at once are better waited for. */
function isWorthLingering(message: ToThread): boolean {
  return start.spin > 0 || (Array.isArray(message) && message.length === TASK_FIELDS)
}

function receive(message: ToThread): void {
  if (!Array.isArray(message)) return controlStream(message)
  pending = next === pending.length ? message : [...pending.slice(next), ...message]
  next = 0
}

/** Begins tasks until none is left or `concurrency` are running. */
function work(): void {
  let time = now()
  while (next < pending.length && active < concurrency) {
    const slot = pending[next] as number
    const index = pending[next + 1] as number
    const sent = pending[next + 2] as unknown[] | string
    const args = typeof sent === 'string' ? (JSON.parse(sent) as unknown[]) : sent
    pending[next + 2] = undefined
    next += TASK_FIELDS
    const runTime = runTimes[index]!
    // A task that may be slow must not hold back the answers before it.
    if (unheardSince !== 0 && (!runTime.quick || time - unheardSince > WAKE_AFTER)) wake()
    if (!slots.claim(slot, State.begun)) {
      slots.finish(slot, Tag.skipped)
      if (unheardSince === 0) unheardSince = time
      continue
    }
    slots.began(slot, time)
    active++
    time = run(slot, functions[index]!, args, runTime, time)
  }
  if (next >= pending.length && next > 0) {
    pending = []
    next = 0
  }
  if (unheardSince !== 0) wake()
  if (start.watchHeap && time - heapReadAt > HEAP_INTERVAL) {
    heapReadAt = time
    slots.setHeap(getHeapStatistics().used_heap_size)
  }
}

/** @returns the time after the task returned */
function run(slot: number, task: TaskFunction, args: unknown[], runTime: RunTime, began: number): number {
  let value: unknown
  try {
    value = task(...args)
  } catch (thrown) {
    const ended = finished(slot, runTime, began)
    answerThrown(slot, thrown)
    return ended
  }
  if (isThenable(value)) {
    void settleLater(slot, value, runTime, began)
    return now()
  }
  if (isAsyncIterable(value)) {
    void streamOut(slot, value, runTime, began)
    return now()
  }
  const ended = finished(slot, runTime, began)
  answer(slot, value)
  return ended
}

async function settleLater(
  slot: number,
  promise: PromiseLike<unknown>,
  runTime: RunTime,
  began: number,
): Promise<void> {
  try {
    const value = await promise
    if (isAsyncIterable(value)) return void streamOut(slot, value, runTime, began)
    finished(slot, runTime, began)
    answer(slot, value)
  } catch (thrown) {
    finished(slot, runTime, began)
    answerThrown(slot, thrown)
  }
  work()
}

function finished(slot: number, runTime: RunTime, began: number): number {
  const ended = now()
  slots.ran(slot, ended - began)
  runTime.record(ended - began)
  active--
  if (unheardSince === 0) unheardSince = ended
  return ended
}

function answer(slot: number, value: unknown): void {
  switch (typeof value) {
    case 'undefined':
      return slots.finish(slot, Tag.undefined)
    case 'boolean':
      return slots.finish(slot, value ? Tag.true : Tag.false)
    case 'number':
      return slots.finish(slot, Tag.number, value)
    case 'string':
      if (slots.finishString(slot, Tag.string, value)) return
      return post('value', slot, value)
  }
  if (value === null) return slots.finish(slot, Tag.null)
  if (isTransferred(value)) return post('value', slot, value.value, value.list)
  const json = toJson(value)
  if (json !== undefined && slots.finishString(slot, Tag.json, json)) return
  if (!isLongBuffer(value) && writeValue(slot, Tag.value, value)) return
  post('value', slot, value)
}

/** Known to be too long for the shared memory without serializing it first. */
function isLongBuffer(value: unknown): boolean {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value
  return buffer instanceof ArrayBuffer && buffer.byteLength > LONGEST_RECORD
}

function answerThrown(slot: number, thrown: unknown): void {
  const record = encodeThrown(thrown)
  if (!writeValue(slot, Tag.thrown, record)) post('thrown', slot, record)
}

/** Writes what V8's serializer makes of the value; false when that is too long or must go by message. */
function writeValue(slot: number, tag: number, value: unknown): boolean {
  try {
    const serializer = new Serializer()
    serializer.writeHeader()
    serializer.writeValue(value)
    return slots.finishBytes(slot, tag, serializer.releaseBuffer())
  } catch {
    return false // a port, a shared buffer, a function: the message will carry it or say why not
  }
}

/** Long answers go at once: nothing is gained by letting them wait for others. */
function post(kind: 'value' | 'thrown', slot: number, value: unknown, list: readonly unknown[] = []): void {
  try {
    port.postMessage({ kind, slot, value }, list as ArrayBuffer[])
  } catch (thrown) {
    port.postMessage({ kind: 'uncloneable', slot, value: encodeThrown(thrown) })
  }
  slots.finishedByMessage(slot)
}

function wake(): void {
  unheardSince = 0
  if (slots.mustWake()) port.postMessage(null)
}

/** Sends items as far as the reader has asked for; one that stops reading stops the source. */
async function streamOut(
  slot: number,
  source: AsyncIterable<unknown>,
  runTime: RunTime,
  began: number,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  const reader: StreamControls = { credit: STREAM_WINDOW, left: false, proceed: undefined }
  streams.set(slot, reader)
  port.postMessage({ kind: 'open', slot })
  let end: { kind: 'end' | 'thrown'; slot: number; value?: unknown } = { kind: 'end', slot }
  try {
    while (!reader.left) {
      const item = await iterator.next()
      if (item.done) break
      if (reader.credit === 0) await new Promise<void>((resolve) => (reader.proceed = resolve))
      if (reader.left) break
      reader.credit--
      postItem(slot, item.value)
    }
    if (reader.left) await iterator.return?.()
  } catch (thrown) {
    end = { kind: 'thrown', slot, value: encodeThrown(thrown) }
    await Promise.resolve(iterator.return?.()).catch(() => undefined) // an item that cannot be cloned ends the source
  }
  streams.delete(slot)
  const ended = now()
  slots.ran(slot, ended - began)
  runTime.record(ended - began)
  active--
  port.postMessage(end)
  slots.finishedByMessage(slot)
  work()
}

function postItem(slot: number, value: unknown): void {
  if (isTransferred(value))
    port.postMessage({ kind: 'item', slot, value: value.value }, value.list as ArrayBuffer[])
  else port.postMessage({ kind: 'item', slot, value })
}

function controlStream(message: StreamControl): void {
  const reader = streams.get(message.slot)
  if (!reader) return
  if ('cancel' in message) reader.left = true
  else reader.credit += message.credit
  reader.proceed?.()
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

try {
  setThreadData(start.data)
  const module = (await import(start.module)) as Record<string, unknown>
  const names = Object.keys(module).filter((name) => typeof module[name] === 'function')
  for (const name of names) {
    functions.push(module[name] as TaskFunction)
    runTimes.push(new RunTime())
  }
  port.on('message', onMessage)
  port.postMessage({ kind: 'ready', names })
} catch (thrown) {
  port.postMessage({ kind: 'failed', thrown: encodeThrown(thrown) })
}
