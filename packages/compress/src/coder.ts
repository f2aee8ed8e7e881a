import { closeBody, isFileBody } from '@tsws/http'
import type { Body, FileBody } from '@tsws/http'
import type { AnswerFacts } from './answer-facts.ts'
import { BestCoder } from './best-coder.ts'
import { openSource, readFileBody } from './body-source.ts'
import type { Coding } from './coding.ts'
import { ContentStore } from './content-store.ts'
import type { StoredContent } from './stored-content.ts'
import { DiskCache } from './disk-cache.ts'
import { MAX_SYNC_BYTES } from './encode-body.ts'
import { encodeBytesSync, encodeInTurn } from './encode-bytes.ts'
import { EncodedStream } from './encode-stream.ts'
import { fileStamp } from './file-stamp.ts'
import { Gate, threadsForStreams, threadsToUse } from './gate.ts'
import { MAX_WHOLE_BYTES } from './levels.ts'
import type { ResolvedOptions } from './options.ts'
import { packAnswer } from './packed-answer.ts'
import { joinThreads } from './thread-group.ts'
import type { ThreadGroup } from './thread-group.ts'

/** What became of a body: coded, or left as it was (it did not shrink, or too much is under way). */
export interface Coded {
  readonly body: Exclude<Body, null>
  readonly isCoded: boolean
  /** What it was kept as before, if it was. */
  readonly stored: StoredContent | null
}

/** What is known of an answer that bears on how its body is coded. */
export interface CodingTask {
  readonly body: Exclude<Body, null>
  readonly coding: Coding
  /** Bytes, −1 where not known. */
  readonly length: number
  /** There is an ETag or Last-Modified: it will be asked for again. */
  readonly hasValidator: boolean
  /** Coded even if that makes it longer. */
  readonly always: boolean
}

/** Bodies in, coded bodies out: from what is kept, or by compressing, within limits. */
export class Coder {
  active = 0
  refused = 0
  hits = 0
  readonly store: ContentStore | null
  readonly best: BestCoder | null
  readonly #threads: ThreadGroup | null
  readonly #options: ResolvedOptions
  readonly #gate = new Gate(threadsToUse())
  readonly #streamGate = new Gate(threadsForStreams())
  // Answers that are being coded right now, so that a hundred clients who come at once cost one compression.
  readonly #underWay = new Map<
    string,
    { source: string | Uint8Array | null; done: Promise<StoredContent | null> }
  >()

  constructor(options: ResolvedOptions) {
    this.#options = options
    const { cache } = options
    this.store = cache === null ? null : new ContentStore(cache.maxBytes, cache.maxEntryBytes)
    const { store } = this
    this.#threads =
      store === null || cache === null
        ? null
        : joinThreads(JSON.stringify([options.levels, cache.levels]), store)
    const disk = cache?.directory == null ? null : new DiskCache(cache.directory, cache.maxDiskBytes)
    this.best =
      store === null || cache === null
        ? null
        : new BestCoder(store, cache.levels, cache.encode, disk, this.#threads, () => this.active > 0)
  }

  /** What is kept of it already; for HEAD. */
  peek(body: Exclude<Body, null>, coding: Coding): StoredContent | null {
    const key = this.#keyOf(body, coding)
    return key === null ? null : (this.store?.find(key, comparable(body)) ?? null)
  }

  code(task: CodingTask): Coded | Promise<Coded> {
    const { body, coding } = task
    if (body instanceof Uint8Array) {
      const stored = this.store?.findArray(body, coding) ?? null
      if (stored !== null) return this.#fromStore(task, stored)
    }
    const key = this.#keyOf(body, coding)
    if (key !== null) {
      const content = comparable(body)
      const stored = this.store?.find(key, content) ?? null
      if (stored !== null) return this.#fromStore(task, stored)
      const other = this.#underWay.get(key)
      if (other !== undefined && isSameSource(other.source, content))
        return this.#together(task, key, other.done)
    }
    return this.#compress(task, key)
  }

  /** Makes what was just sent ready for the next time. `facts` are of the block that the plain answer came as. */
  pack(stored: StoredContent, facts: AnswerFacts): void {
    if (this.store !== null) packAnswer(this.store, stored, facts)
  }

  async close(): Promise<void> {
    await this.best?.close()
    this.#threads?.close()
  }

  #compress(task: CodingTask, key: string | null): Coded | Promise<Coded> {
    const { body, coding } = task
    if (this.active >= this.#options.maxConcurrent) {
      this.refused++
      return { body, isCoded: false, stored: null }
    }
    if (isFileBody(body) && body.length <= MAX_WHOLE_BYTES) {
      return this.#compressWhole(task, key, null, body.length, (seen) => readFileBody(body, seen))
    }
    const isContent = typeof body === 'string' || body instanceof Uint8Array
    const size = isContent ? Buffer.byteLength(body) : -1
    if (!isContent || size > MAX_WHOLE_BYTES) return this.#compressStream(task, key)
    const keep = key !== null && (task.hasValidator || this.store?.meet(key) === true)
    // A copy, before anything waits: the owner of an array may write to it, and what is kept must be what was coded.
    const source = !keep ? null : typeof body === 'string' ? body : Uint8Array.prototype.slice.call(body)
    if (size > MAX_SYNC_BYTES || (keep && this.#options.cache?.directory != null)) {
      const content = source ?? body
      return this.#compressWhole(task, keep ? key : null, source, size, async () => content)
    }
    const coded = encodeBytesSync(body, coding, this.#options.levels[coding])
    if (keep) this.#keep(key, coding, source, size, coded)
    return settle(task, body, size, coded)
  }

  /** Up to 1 MiB, on a thread. */
  async #compressWhole(
    task: CodingTask,
    key: string | null,
    source: string | Uint8Array | null,
    size: number,
    read: (seen: () => void) => Promise<string | Uint8Array>,
  ): Promise<Coded> {
    const { coding, body } = task
    const outcome = deferred<StoredContent | null>()
    if (key !== null) this.#underWay.set(key, { source, done: outcome.promise })
    let stored: StoredContent | null = null
    let isStable = !isFileBody(body)
    this.active++
    try {
      // The stamp once more after reading: a file that was written to meanwhile is not to be kept.
      const content = await read(() => {
        isStable = this.#keyOf(body, coding) === key
      })
      const known = key === null ? null : await this.best?.recall(content, coding)
      const coded = known ?? (await this.#encode(content, coding))
      if (key !== null && isStable) stored = this.#keep(key, coding, source, size, coded, known != null)
      return settle(task, content, size, coded)
    } finally {
      this.active--
      if (key !== null) this.#underWay.delete(key)
      outcome.resolve(stored)
    }
  }

  async #encode(content: string | Uint8Array, coding: Coding): Promise<Uint8Array> {
    await this.#gate.enter()
    try {
      return await encodeInTurn(content, coding, this.#options.levels[coding])
    } finally {
      this.#gate.leave()
    }
  }

  /** Larger, or of unknown length: while it is sent. A file's coding is kept when all of it was sent. */
  #compressStream({ body, coding, length }: CodingTask, key: string | null): Coded {
    const pieces: Uint8Array[] | null = isFileBody(body) && key !== null ? [] : null
    const limit = this.#options.cache?.maxEntryBytes ?? 0
    let kept = 0
    let closed = false
    this.active++
    const stream = new EncodedStream(openSource(body), coding, {
      level: this.#options.levels[coding],
      size: typeof body === 'string' ? -1 : length, // a text's length is not yet that of its bytes
      flush: length < 0,
      gate: this.#streamGate,
      onPiece: (piece) => {
        if (pieces === null || kept > limit) return
        kept += piece.length
        if (kept > limit) pieces.length = 0
        else pieces.push(piece)
      },
      onEnd: () => {
        // The stamp once more: a file that was written to while it was read is not to be kept.
        if (pieces === null || kept > limit || this.#keyOf(body, coding) !== key) return
        this.#keep(key as string, coding, null, length, Buffer.concat(pieces, kept))
      },
      onClose: () => {
        if (!closed) this.active--
        closed = true
      },
    })
    return { body: stream, isCoded: true, stored: null }
  }

  #keep(
    key: string,
    coding: Coding,
    source: string | Uint8Array | null,
    length: number,
    coded: Uint8Array,
    best = false,
  ): StoredContent | null {
    const shrank = coded.length < length ? coded : null
    const stored = this.store?.keep(key, coding, source, shrank, best) ?? null
    if (stored === null) return null
    this.best?.request(stored, length)
    // Files are asked for again. Of other content that is known when it is: see `#fromStore`.
    if (source === null) this.best?.share(stored)
    return stored
  }

  #fromStore(task: CodingTask, stored: StoredContent): Coded | Promise<Coded> {
    const { body } = task
    if (stored.coded === null)
      return task.always ? this.#compress(task, null) : { body, isCoded: false, stored: null }
    this.hits++
    if (!stored.best) this.best?.request(stored, task.length)
    if (!stored.shared) this.best?.share(stored)
    if (isFileBody(body)) void closeBody(body)
    return { body: stored.coded, isCoded: true, stored }
  }

  /** Waits for what another request has begun; should nothing come of it, does it itself. */
  async #together(task: CodingTask, key: string, done: Promise<StoredContent | null>): Promise<Coded> {
    const stored = await done
    return stored === null || stored.dropped ? this.#compress(task, key) : this.#fromStore(task, stored)
  }

  #keyOf(body: Exclude<Body, null>, coding: Coding): string | null {
    if (this.store === null) return null
    if (typeof body === 'string' || body instanceof Uint8Array) {
      return body.length <= MAX_WHOLE_BYTES ? ContentStore.contentKey(body, coding) : null
    }
    if (!isFileBody(body)) return null
    const stamp = fileStamp(body as FileBody)
    return stamp === null ? null : ContentStore.fileKey(stamp, coding)
  }
}

/** Whether a body is compressed before it is sent, and not while it is. */
export function isCodedWhole(body: Exclude<Body, null>): boolean {
  const hasLength = typeof body === 'string' || body instanceof Uint8Array || isFileBody(body)
  return hasLength && body.length <= MAX_WHOLE_BYTES
}

/** Sends what is shorter; `size` is that of the plain content in bytes. */
function settle(task: CodingTask, plain: string | Uint8Array, size: number, coded: Uint8Array): Coded {
  const isCoded = coded.length < size || task.always
  return { body: isCoded ? coded : plain, isCoded, stored: null }
}

/** What of a body is compared with what was coded; null for a file, whose stamp says all. */
function comparable(body: Body): string | Uint8Array | null {
  return typeof body === 'string' || body instanceof Uint8Array ? body : null
}

function isSameSource(a: string | Uint8Array | null, b: string | Uint8Array | null): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  return a === b
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: ((value: T) => void) | undefined
  const promise = new Promise<T>((given) => {
    resolve = given
  })
  return { promise, resolve: resolve as unknown as (value: T) => void }
}
