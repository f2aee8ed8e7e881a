import { randomFillSync } from 'node:crypto'
import { KeyedHash } from './keyed-hash.ts'
import type { Counted, RateLimitPolicy, RateLimitStore } from './rate-limit-options.ts'

export interface MemoryStoreOptions {
  /**
   * Clients that are counted at a time; rounded up to a power of two. When a new one finds no place, the one that
   * has asked least is forgotten, so that a flood of addresses forgets itself first.
   * @default 65536 (512 KiB)
   */
  maxKeys?: number
  /** Memory made by `sharedCounters`, the same in every thread: then all threads count together. @default memory of its own */
  memory?: ArrayBuffer | SharedArrayBuffer
}

/** A store that answers at once. */
export interface MemoryStore extends RateLimitStore {
  count(key: string): Counted
  /** What was counted, without counting. */
  peek(key: string): Counted
}

/** Clients. At 8 bytes each it is half a megabyte, and more than one server meets in a minute. */
const DEFAULT_MAX_KEYS = 65_536
/** Clients: 128 MiB. */
const MOST_KEYS = 2 ** 24
/** Places among which a key is looked for: one cache line of tags and counts each. */
const WAYS = 8
/** Bytes of a place: a tag and a count. */
const PLACE_BYTES = 8
/** Words before the places: the key of the hash. */
const HEAD_WORDS = 2

/** A count has 20 bits of its word, the number of its window the other 12. */
const COUNT_BITS = 20
const COUNT_MASK = 2 ** COUNT_BITS - 1
const WINDOW_MASK = 2 ** (32 - COUNT_BITS) - 1
/** The highest limit that can be counted, one beyond it included. */
export const MAX_LIMIT = COUNT_MASK - 1

/** Times that a place may be lost to another thread before it is taken as it is: a count may be off by one then. */
const MAX_ATTEMPTS = 8

/**
 * Memory in which the threads of a process count together: make it once, hand it to each (`workerData`), and there to
 * `memoryStore({ memory })`. One for each limit; processes cannot share it.
 * @param maxKeys as in `memoryStore`
 */
export function sharedCounters(maxKeys: number = DEFAULT_MAX_KEYS): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytesFor(maxKeys))
  writeKey(memory)
  return memory
}

/**
 * Counts in memory, with no more of it than at the start. Without `memory` each thread, and always each process,
 * counts by itself: what a client may do is then multiplied by their number.
 *
 * Windows are fixed and as long as the policy says; where they begin differs from client to client, so that not all
 * come back at once. Counting allocates nothing but its answer and never waits for another thread.
 *
 * @throws {TypeError} for a number of keys that is no whole number from 1 to 16777216, or memory of another kind
 */
export function memoryStore(options: MemoryStoreOptions = {}): (policy: RateLimitPolicy) => MemoryStore {
  const { maxKeys = DEFAULT_MAX_KEYS, memory = ownMemory(maxKeys) } = options
  const places = (memory.byteLength - HEAD_WORDS * 4) / PLACE_BYTES
  if (!Number.isInteger(places) || places < WAYS || (places & (places - 1)) !== 0)
    throw new TypeError('memoryStore: memory must come from sharedCounters')
  return ({ limit, window }) => new Counters(new Int32Array(memory), limit, window)
}

function ownMemory(maxKeys: number): ArrayBuffer {
  const memory = new ArrayBuffer(bytesFor(maxKeys))
  writeKey(memory)
  return memory
}

function writeKey(memory: ArrayBuffer | SharedArrayBuffer): void {
  // Random bytes cannot be drawn into shared memory.
  new Int32Array(memory).set(randomFillSync(new Int32Array(HEAD_WORDS)))
}

function bytesFor(maxKeys: number): number {
  if (!Number.isInteger(maxKeys) || maxKeys < 1 || maxKeys > MOST_KEYS)
    throw new TypeError(
      `rate limit: maxKeys must be a whole number from 1 to ${MOST_KEYS}, got ${String(maxKeys)}`,
    )
  return HEAD_WORDS * 4 + Math.max(WAYS, 2 ** Math.ceil(Math.log2(maxKeys))) * PLACE_BYTES
}

/**
 * A table of buckets of eight places. A key's bucket comes from one half of its hash, its tag from the other: two
 * keys are taken for one about once in 500 million times that they meet in a bucket.
 *
 * Each place is two words, both changed by atomic steps. No step is a lock: a thread may be ended anywhere.
 */
class Counters implements MemoryStore {
  readonly #table: Int32Array
  readonly #bucketMask: number
  readonly #hash: KeyedHash
  readonly #limit: number
  readonly #window: number

  constructor(table: Int32Array, limit: number, window: number) {
    this.#table = table
    this.#bucketMask = (table.length - HEAD_WORDS) / (2 * WAYS) - 1
    this.#hash = new KeyedHash(table[0] as number, table[1] as number)
    this.#limit = limit
    this.#window = window
  }

  count(key: string): Counted {
    return this.#of(key, true)
  }

  peek(key: string): Counted {
    return this.#of(key, false)
  }

  #of(key: string, counts: boolean): Counted {
    const hash = this.#hash
    hash.update(key)
    const tag = hash.high || 1 // 0 is a free place
    const bucket = HEAD_WORDS + (hash.low & this.#bucketMask) * 2 * WAYS
    const now = Date.now()
    const window = this.#windowOf(tag, now)
    const resetIn = (window + 1) * this.#window - shifted(tag, now)
    const used = counts
      ? this.#add(this.#placeOf(bucket, tag, now), window & WINDOW_MASK)
      : this.#counted(bucket, tag, window & WINDOW_MASK)
    return { used, resetIn }
  }

  #counted(bucket: number, tag: number, window: number): number {
    const table = this.#table
    for (let place = bucket; place < bucket + WAYS; place++) {
      if (Atomics.load(table, place) !== tag) continue
      const state = Atomics.load(table, place + WAYS)
      return state >>> COUNT_BITS === window ? state & COUNT_MASK : 0
    }
    return 0
  }

  /** One more in this window, up to one beyond the limit: what is refused does not make it longer. */
  #add(place: number, window: number): number {
    const table = this.#table
    const counts = place + WAYS
    for (;;) {
      const before = Atomics.load(table, counts)
      const used = before >>> COUNT_BITS === window ? before & COUNT_MASK : 0
      if (used > this.#limit) return used
      const after = (window << COUNT_BITS) | (used + 1)
      if (Atomics.compareExchange(table, counts, before, after) === before) return used + 1
    }
  }

  #placeOf(bucket: number, tag: number, now: number): number {
    const table = this.#table
    let place = bucket
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      // Read plainly, as an atomic read takes 16 ns: who misses what another thread has just written finds it below.
      for (let way = bucket; way < bucket + WAYS; way++) if (table[way] === tag) return way
      place = this.#leastUsed(bucket, now)
      const before = Atomics.load(table, place)
      if (before === tag) return place
      // Emptied before it is ours: afterwards another thread could have counted here already.
      Atomics.store(table, place + WAYS, 0)
      if (Atomics.compareExchange(table, place, before, tag) === before) return place
    }
    return place
  }

  /** A place that is free or whose window is over, else the one with the lowest count. */
  #leastUsed(bucket: number, now: number): number {
    const table = this.#table
    let found = bucket
    let lowest = COUNT_MASK + 1
    for (let place = bucket; place < bucket + WAYS && lowest > 0; place++) {
      const tag = Atomics.load(table, place)
      const state = Atomics.load(table, place + WAYS)
      const isOver = tag === 0 || state >>> COUNT_BITS !== (this.#windowOf(tag, now) & WINDOW_MASK)
      const used = isOver ? 0 : state & COUNT_MASK
      if (used < lowest) {
        lowest = used
        found = place
      }
    }
    return found
  }

  #windowOf(tag: number, now: number): number {
    return Math.floor(shifted(tag, now) / this.#window)
  }
}

/** A clock for each tag, so that windows of different clients begin at different times. */
function shifted(tag: number, now: number): number {
  return now + (tag >>> 0)
}
