/**
 * The memory a pool and one of its threads share. Every task sent to the thread holds a slot; the slot's state
 * decides, atomically, who owns the task: the thread when it begins it, or the pool when it takes it back.
 * Answers are written here too, so that the pool can read them at any time, even while the thread is stuck in
 * its next task or already dead.
 *
 * ```
 * header | states: one int32 a slot | ring: finished slots in order | cells: one answer a slot | area: bytes
 * ```
 */

/** Tasks one thread may hold at once. 256 of the smallest tasks keep it busy for about 0.25 ms, several wake-ups. */
export const SLOTS = 256
/** Bytes for answers that are longer than a number, as one ring. An answer that finds no room goes by message. */
export const AREA_BYTES = 64 * 1024
/** The longest answer (bytes) written to the area; copying more costs as much as sending a message. */
export const LONGEST_RECORD = 4096

export const State = { free: 0, sent: 1, begun: 2, taken: 3, done: 4 } as const

export const Tag = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  number: 4,
  string: 5,
  /** Bytes of V8's serializer in the area. */
  value: 6,
  /** As `value`, holding a `ThrownRecord`. */
  thrown: 7,
  /** JSON text in the area. */
  json: 9,
  /** The thread found that the pool had taken the task back: the slot is free again. */
  skipped: 8,
} as const

/** Header words (int32). */
const TAIL = 0
const AWAKE = 1
const AREA_FREED = 2
const SENT_COUNT = 3
const HEAP = 2 // as float64 index: bytes of heap in use
const HEADER_BYTES = 32

const CELL_BYTES = 48
const STATES = HEADER_BYTES / 4
const RING = STATES + SLOTS
const CELLS_AT = HEADER_BYTES + SLOTS * 8
const AREA_AT = CELLS_AT + SLOTS * CELL_BYTES
export const SHARED_BYTES = AREA_AT + AREA_BYTES

/** Float64 fields of a cell. */
const VALUE = 0
const BEGAN = 1
const RAN = 2
/** Int32 fields of a cell, after the three float64. */
const TAG = 6
const LENGTH = 7
const AREA_END = 8

/** Both sides' view of the shared memory. */
export class Slots {
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #area: Buffer
  /** The thread's: where the area's next record starts, counted on for ever in 32 bits. */
  #areaNext = 0
  /** The pool's: how far it has read the ring. */
  #head = 0

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
    this.#doubles = new Float64Array(memory)
    this.#area = Buffer.from(memory, AREA_AT, AREA_BYTES)
  }

  state(slot: number): number {
    return Atomics.load(this.#words, STATES + slot)
  }

  setState(slot: number, state: number): void {
    Atomics.store(this.#words, STATES + slot, state)
  }

  /** The one point where a task changes hands: true for exactly one of the two sides. */
  claim(slot: number, as: number): boolean {
    return Atomics.compareExchange(this.#words, STATES + slot, State.sent, as) === State.sent
  }

  // ── the thread's side ──

  began(slot: number, at: number): void {
    this.#doubles[cell(slot) + BEGAN] = at
  }

  ran(slot: number, milliseconds: number): void {
    this.#doubles[cell(slot) + RAN] = milliseconds
  }

  /** Marks the slot finished and puts it in the ring. */
  finish(slot: number, tag: number, value = 0): void {
    this.#doubles[cell(slot) + VALUE] = value
    this.#words[cell(slot) * 2 + TAG] = tag
    const tail = this.#words[TAIL]!
    this.#words[RING + (tail & (SLOTS - 1))] = slot
    Atomics.store(this.#words, STATES + slot, State.done)
    Atomics.store(this.#words, TAIL, (tail + 1) | 0)
  }

  /**
   * Marks the slot finished after its answer went by message. Only if it is still this task's: the pool may have
   * read the message already and given the slot to another.
   */
  finishedByMessage(slot: number): void {
    Atomics.compareExchange(this.#words, STATES + slot, State.begun, State.done)
  }

  /** As UTF-16, so that a lone surrogate survives. @returns false when there is no room */
  finishString(slot: number, tag: number, text: string): boolean {
    const at = this.#reserve(slot, text.length * 2)
    if (at < 0) return false
    this.#area.write(text, at, 'utf16le')
    this.finish(slot, tag, at)
    return true
  }

  /** @returns false when there is no room */
  finishBytes(slot: number, tag: number, bytes: Uint8Array): boolean {
    const at = this.#reserve(slot, bytes.length)
    if (at < 0) return false
    this.#area.set(bytes, at)
    this.finish(slot, tag, at)
    return true
  }

  /** Records lie in one piece and are freed in the order they were made, because the ring is read in order. */
  #reserve(slot: number, length: number): number {
    if (length > LONGEST_RECORD) return -1
    let start = this.#areaNext
    const toEnd = AREA_BYTES - (start & (AREA_BYTES - 1))
    if (toEnd < length) start = (start + toEnd) | 0
    const end = (start + length) | 0
    if (((end - Atomics.load(this.#words, AREA_FREED)) | 0) > AREA_BYTES) return -1
    this.#areaNext = end
    this.#words[cell(slot) * 2 + LENGTH] = length
    this.#words[cell(slot) * 2 + AREA_END] = end
    return start & (AREA_BYTES - 1)
  }

  /** True once after each `sleep()`: the caller must then send the pool a message. */
  mustWake(): boolean {
    return Atomics.exchange(this.#words, AWAKE, 1) === 0
  }

  setHeap(bytes: number): void {
    this.#doubles[HEAP] = bytes
  }

  /** Messages the pool has sent so far: a change tells a thread that looks here to read its port. */
  get sentCount(): number {
    return Atomics.load(this.#words, SENT_COUNT)
  }

  /** Blocks the thread until the pool has sent more than `seen` messages. @returns false when that took too long, ms */
  waitForMore(seen: number, longest: number): boolean {
    return Atomics.wait(this.#words, SENT_COUNT, seen, longest) !== 'timed-out'
  }

  // ── the pool's side ──

  /** To be called when a message has been sent. */
  countSent(): void {
    Atomics.add(this.#words, SENT_COUNT, 1)
    Atomics.notify(this.#words, SENT_COUNT)
  }

  /** Says that the pool will not look again until a message wakes it; look once more after this. */
  sleep(): void {
    Atomics.store(this.#words, AWAKE, 0)
  }

  get hasFinished(): boolean {
    return Atomics.load(this.#words, TAIL) !== this.#head
  }

  /** The next finished slot, or -1. Read its answer before asking for another. */
  nextFinished(): number {
    if (!this.hasFinished) return -1
    const slot = this.#words[RING + (this.#head & (SLOTS - 1))]!
    this.#head = (this.#head + 1) | 0
    return slot
  }

  tag(slot: number): number {
    return this.#words[cell(slot) * 2 + TAG]!
  }

  number(slot: number): number {
    return this.#doubles[cell(slot) + VALUE]!
  }

  beganAt(slot: number): number {
    return this.#doubles[cell(slot) + BEGAN]!
  }

  runTime(slot: number): number {
    return this.#doubles[cell(slot) + RAN]!
  }

  takeString(slot: number): string {
    const at = this.number(slot)
    const text = this.#area.toString('utf16le', at, at + this.#words[cell(slot) * 2 + LENGTH]!)
    this.#freeArea(slot)
    return text
  }

  takeBytes(slot: number): Buffer {
    const at = this.number(slot)
    const bytes = Buffer.from(this.#area.subarray(at, at + this.#words[cell(slot) * 2 + LENGTH]!))
    this.#freeArea(slot)
    return bytes
  }

  #freeArea(slot: number): void {
    Atomics.store(this.#words, AREA_FREED, this.#words[cell(slot) * 2 + AREA_END]!)
  }

  get heap(): number {
    return this.#doubles[HEAP]!
  }
}

/** Index of the slot's cell, in float64s. */
function cell(slot: number): number {
  return (CELLS_AT + slot * CELL_BYTES) >> 3
}
