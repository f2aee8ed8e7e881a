import { BroadcastChannel, getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads'
import type { Coding } from './coding.ts'

/** Content in one coding as threads pass it on: its bytes are in memory that all of them see. */
export interface SharedContent {
  readonly key: string
  readonly coding: Coding
  /** What was coded; null where the key is a file's stamp. */
  readonly source: Uint8Array | null
  /** Null: it did not shrink. */
  readonly coded: Uint8Array | null
  /** What is to take its place. */
  readonly better: Uint8Array | null
  readonly best: boolean
  /** When it was first sent by any of them, in milliseconds since 1970. */
  readonly since: number
}

/** A thread that has begun, one that replaces another perhaps: whoever claims this first tells it what there is. */
interface Newcomer {
  readonly newcomer: string
}

/** What threads find each other by. */
interface Meeting {
  readonly channel: string
  readonly claims: SharedArrayBuffer
}

/**
 * Makes the threads that this one starts from now on, and this one, share what `compress()` keeps: what one of them has
 * compressed all of them serve, from the same memory, and the best coding of a content is made once for all.
 *
 * Only worker threads of one process can share memory; processes share a `cache.directory`.
 */
export function shareAcrossThreads(): void {
  if (getEnvironmentData(MEETING) !== undefined) return
  const meeting: Meeting = {
    channel: `@tsws/compress ${process.pid} ${Math.random().toString(36).slice(2)}`,
    claims: new SharedArrayBuffer(CLAIMS * Int32Array.BYTES_PER_ELEMENT),
  }
  setEnvironmentData(MEETING, meeting as never)
}

/** What a thread does with what others have, and what it has itself. */
export interface SharingStore {
  accept(content: SharedContent): void
  sharedContents(): Iterable<SharedContent>
}

/** The other threads whose `compress()` has the same levels; null where sharing was not asked for. */
export function joinThreads(levels: string, store: SharingStore): ThreadGroup | null {
  const meeting = getEnvironmentData(MEETING) as unknown as Meeting | undefined
  if (meeting === undefined) return null
  return new ThreadGroup(`${meeting.channel} ${levels}`, meeting.claims, store)
}

/**
 * A thread's line to the others. Contents go out once they are worth it, references to shared memory, not copies; nobody
 * writes to them any more. Each thread drops them by its own bound, and memory is free when the last one has.
 */
export class ThreadGroup {
  readonly #channel: BroadcastChannel
  readonly #claims: Int32Array

  constructor(name: string, claims: SharedArrayBuffer, store: SharingStore) {
    this.#claims = new Int32Array(claims)
    this.#channel = new BroadcastChannel(name)
    this.#channel.addEventListener('message', (event) => {
      const message = (event as MessageEvent).data as SharedContent | Newcomer
      if (!('newcomer' in message)) store.accept(message)
      else if (this.claim(message.newcomer))
        for (const content of store.sharedContents()) this.announce(content)
    })
    this.#channel.unref()
    this.#channel.postMessage({ newcomer: `newcomer ${threadId} ${Math.random()}` } satisfies Newcomer)
  }

  announce(content: SharedContent): void {
    this.#channel.postMessage(content)
  }

  /**
   * Whether the best coding of this key is this thread's to make. It stays so until `release`, or for a minute: a thread
   * that dies over it must not keep it for ever. Two keys on one place make one of them wait for as long.
   */
  claim(key: string): boolean {
    const place = placeOf(key)
    const since = Atomics.load(this.#claims, place)
    const now = seconds()
    if (since !== 0 && now - since < CLAIM_SECONDS) return false
    return Atomics.compareExchange(this.#claims, place, since, now) === since
  }

  /** The work came to nothing: another may try. After success the claim stays until what was made has got round. */
  release(key: string): void {
    Atomics.store(this.#claims, placeOf(key), 0)
  }

  close(): void {
    this.#channel.close()
  }
}

/** The bytes in memory that can be shared: as they are, if they are there already. */
export function toSharedMemory(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}

const MEETING = '@tsws/compress'

/** Places, 64 KiB in all: of the few hundred contents that a minute betters hardly two meet on one. */
const CLAIMS = 16_384

/** Longer than the best coding of the largest content takes, unless the machine is very busy: then it is made twice. */
const CLAIM_SECONDS = 60

/** A clock that all threads have. */
function seconds(): number {
  return Math.floor(Date.now() / 1000) | 0
}

function placeOf(key: string): number {
  let hash = 0
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0
  return ((hash >>> 16) ^ hash) & (CLAIMS - 1)
}
