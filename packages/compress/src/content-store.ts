import type { HeaderBlock } from '@tsws/http'
import type { AnswerFacts } from './answer-facts.ts'
import type { Coding } from './coding.ts'
import { fingerprint } from './fingerprint.ts'
import { createEntry, sizeOf } from './stored-content.ts'
import type { StoredContent } from './stored-content.ts'
import { toSharedMemory } from './thread-group.ts'
import type { SharedContent } from './thread-group.ts'

/**
 * Coded contents, found by what they are made of, never by what they are called: content in memory is compared byte by
 * byte with what was coded (at memory speed, a hundredth of the cost of coding it), files by their stamp. So no URL, entity
 * tag or reused buffer can bring anyone the content of somebody else, and one page under a thousand URLs is kept once.
 *
 * Bounded in bytes (coded and compared-with together); what was not asked for lately goes first.
 */
export class ContentStore {
  readonly #maxBytes: number
  readonly #maxEntryBytes: number
  readonly #entries = new Map<string, StoredContent>()
  #bytes = 0
  readonly #byArray = new WeakMap<Uint8Array, Map<Coding, StoredContent>>()
  // Keys met once: dynamic content is kept when it comes a second time, so that what never comes back costs nothing.
  #met = new Set<string>()

  constructor(maxBytes: number, maxEntryBytes: number) {
    this.#maxBytes = maxBytes
    this.#maxEntryBytes = maxEntryBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#entries.size
  }

  static contentKey(content: string | Uint8Array, coding: Coding): string {
    return `${coding} ${typeof content === 'string' ? 's' : 'b'}${content.length} ${fingerprint(content)}`
  }

  static fileKey(stamp: string, coding: Coding): string {
    return `${coding} ${stamp}`
  }

  /** The same as `find`, for an array that was found before: without its fingerprint, but compared all the same. */
  findArray(content: Uint8Array, coding: Coding): StoredContent | null {
    const entry = this.#byArray.get(content)?.get(coding)
    if (entry === undefined || entry.dropped || !isSame(entry.source, content)) return null
    this.#ask(entry)
    return entry
  }

  /** `content` null is for a file's key. */
  find(key: string, content: string | Uint8Array | null): StoredContent | null {
    const entry = this.#entries.get(key)
    if (entry === undefined || !isSame(entry.source, content)) return null
    this.#ask(entry)
    if (content instanceof Uint8Array) this.#remember(content, entry)
    // Of another thread came its bytes; from now on text is compared with text.
    else if (content !== null && content !== entry.source) this.#resize(entry, () => (entry.source = content))
    return entry
  }

  /** Whether this key was met before; from now on it was. */
  meet(key: string): boolean {
    if (this.#met.has(key)) return true
    if (this.#met.size >= MAX_MET) this.#met.clear()
    this.#met.add(key)
    return false
  }

  /** Keeps it, unless it is too large. A source of bytes must be the store's own: nobody may write to it any more. */
  keep(
    key: string,
    coding: Coding,
    source: string | Uint8Array | null,
    coded: Uint8Array | null,
    best: boolean,
  ): StoredContent | null {
    // Another thread may have been quicker, and better.
    const known = this.#entries.get(key)
    const isBetter = known !== undefined && (known.best || known.better !== null)
    if (isBetter && !best && isSame(known.source, source)) return known
    const content = { key, coding, source, coded, best: best || coded === null, better: null }
    const entry = createEntry(content, Date.now())
    return this.#add(entry) ? entry : null
  }

  /** Has a better coding for it; a larger one is not better. */
  improve(entry: StoredContent, coded: Uint8Array): void {
    if (entry.dropped) return
    if (entry.coded === null || coded.length >= entry.coded.length) entry.best = true
    else this.#resize(entry, () => (entry.better = coded))
  }

  /** Keeps a best coding also in the form in which it is sent, where there is room. */
  pack(entry: StoredContent, plain: AnswerFacts, block: HeaderBlock): void {
    const { length } = block.contentWithFields ?? NOTHING
    if (entry.dropped || !entry.best || this.#bytes + length > this.#maxBytes) return
    this.#resize(entry, () => (entry.packed = { block, plain, missed: 0 }))
  }

  /** Moves an entry to memory that threads share; null for one that is no longer here. */
  share(entry: StoredContent): SharedContent | null {
    if (entry.dropped) return null
    const { key, coding, source, coded, better, best, since } = entry
    const bytes = typeof source === 'string' ? Buffer.from(source) : source
    const shared = bytes === null ? null : toSharedMemory(bytes)
    entry.shared = true
    entry.coded = coded === null ? null : toSharedMemory(coded)
    entry.better = better === null ? null : toSharedMemory(better)
    if (source instanceof Uint8Array) entry.source = shared
    return { key, coding, source: shared, coded: entry.coded, better: entry.better, best, since }
  }

  /** What this thread shares with others. */
  *sharedContents(): Generator<SharedContent> {
    for (const entry of this.#entries.values()) {
      const content = entry.shared ? this.share(entry) : null
      if (content !== null) yield content
    }
  }

  /** What another thread has compressed: kept as if it had been here, or in place of what is here and no better. */
  accept(content: SharedContent): void {
    const { source, coded, better, best } = content
    const entry = this.#entries.get(content.key)
    if (entry === undefined) {
      this.#add(Object.assign(createEntry(content, Date.now(), content.since), { shared: true }))
      return
    }
    if (entry.best || !isSame(entry.source, source)) return
    this.#resize(entry, () => {
      // What is best there is better here, and has to wait for its turn.
      if (best && coded !== null) entry.better = coded
      else Object.assign(entry, { coded, better, best })
      entry.shared = true
      entry.since = Math.min(entry.since, content.since)
      if (entry.source instanceof Uint8Array) entry.source = source
    })
  }

  /**
   * Notes that it is asked for, and puts the better coding in its place where that is due. Both go by one entity tag, a weak
   * one, which may be so (RFC 9110 §8.8.1); but who has just been sent the one and looks again, by a HEAD perhaps, is to
   * find the same.
   */
  #ask(entry: StoredContent): void {
    entry.used = true
    if (entry.best) return
    const { better, since, askedAt } = entry
    const now = Date.now()
    entry.askedAt = now
    if (better === null || (now - askedAt < QUIET_MS && now - since < MAX_WAIT_MS)) return
    this.#resize(entry, () => Object.assign(entry, { coded: better, better: null, best: true }))
  }

  /** False where it is too large. */
  #add(entry: StoredContent): boolean {
    const bytes = sizeOf(entry)
    if (bytes > this.#maxEntryBytes || bytes > this.#maxBytes) return false
    this.#drop(entry.key)
    this.#makeRoom(bytes)
    this.#entries.set(entry.key, entry)
    this.#bytes += bytes
    return true
  }

  #resize(entry: StoredContent, change: () => void): void {
    const before = sizeOf(entry)
    change()
    this.#bytes += sizeOf(entry) - before
  }

  #remember(content: Uint8Array, entry: StoredContent): void {
    const entries = this.#byArray.get(content)
    if (entries === undefined) this.#byArray.set(content, new Map([[entry.coding, entry]]))
    else entries.set(entry.coding, entry)
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= sizeOf(entry)
    // The array it was found by may live on, and with it this entry: not so what makes it large.
    entry.dropped = true
    entry.source = null
    entry.coded = null
    entry.better = null
    entry.packed = null
  }

  /** Second chance: what was used since the last time goes to the back of the line instead of out. */
  #makeRoom(bytes: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#bytes + bytes <= this.#maxBytes) return
      if (entry.used) {
        entry.used = false
        this.#entries.delete(key)
        this.#entries.set(key, entry)
      } else this.#drop(key)
    }
  }
}

/** Milliseconds without being asked for, after which a better coding takes its place: nobody is in the middle of anything. */
const QUIET_MS = 500

/** Milliseconds after which it does so all the same: what is never left alone gains most from it. */
const MAX_WAIT_MS = 5000

/** Keys of about 40 characters: some 400 KiB at most. */
const MAX_MET = 4096

const NOTHING = new Uint8Array(0)

function isSame(a: string | Uint8Array | null, b: string | Uint8Array | null): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (typeof a === 'string' && b instanceof Uint8Array) return isSame(Buffer.from(a), b)
  if (a instanceof Uint8Array && typeof b === 'string') return isSame(a, Buffer.from(b))
  return a === b
}
