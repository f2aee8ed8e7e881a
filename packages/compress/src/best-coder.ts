import type { Coding } from './coding.ts'
import type { ContentStore } from './content-store.ts'
import type { StoredContent } from './stored-content.ts'
import { decodeOwnBytes } from './decode-bytes.ts'
import { bytesOf } from './encode-bytes.ts'
import { DiskCache } from './disk-cache.ts'
import { Improver } from './improver.ts'
import type { EncodeFunction, Levels } from './options.ts'
import type { ThreadGroup } from './thread-group.ts'

/** Turns stored contents into their best coding, in the background, and keeps those on disk if there is a folder for it. */
export class BestCoder {
  readonly #store: ContentStore
  readonly #levels: Readonly<Levels>
  readonly #encode: EncodeFunction
  readonly #improver: Improver
  readonly #disk: DiskCache | null
  readonly #threads: ThreadGroup | null
  /** When what was asked for may be asked for again, in milliseconds since 1970. */
  readonly #askAgainAt = new WeakMap<StoredContent, number>()

  constructor(
    store: ContentStore,
    levels: Readonly<Levels>,
    encode: EncodeFunction,
    disk: DiskCache | null,
    threads: ThreadGroup | null,
    isBusy: () => boolean,
  ) {
    this.#store = store
    this.#levels = levels
    this.#encode = encode
    this.#disk = disk
    this.#threads = threads
    this.#improver = new Improver(isBusy)
  }

  get failures(): number {
    return this.#improver.failures
  }

  /** What another time or process made of this content, if it is on disk. */
  async recall(content: string | Uint8Array, coding: Coding): Promise<Uint8Array | null> {
    return this.#disk === null ? null : this.#disk.read(await DiskCache.digest(bytesOf(content)), coding)
  }

  /** Asks for the best coding, once per content. `length` is that of the content in bytes, −1 if not known. */
  request(entry: StoredContent, length: number): void {
    if (!canImprove(entry) || length > MAX_IMPROVED_BYTES) return
    const again = this.#askAgainAt.get(entry)
    if (again !== undefined && again > Date.now()) return
    if (this.#improver.add(() => this.#improve(entry))) this.#askAgainAt.set(entry, Number.POSITIVE_INFINITY)
  }

  /** Tells the other threads of an entry, unless they know it. */
  share(entry: StoredContent): void {
    if (this.#threads === null || entry.shared) return
    this.#announce(entry)
  }

  idle(): Promise<void> {
    return this.#improver.idle()
  }

  close(): Promise<void> {
    return this.#improver.close()
  }

  #announce(entry: StoredContent): void {
    const content = this.#store.share(entry)
    if (content !== null) this.#threads?.announce(content)
  }

  async #improve(entry: StoredContent): Promise<void> {
    if (!canImprove(entry)) return
    if (this.#threads === null) return this.#makeBest(entry)
    if (!this.#threads.claim(entry.key)) {
      // Another thread is at it, and will tell; should it die over it, somebody asks again.
      this.#askAgainAt.set(entry, Date.now() + CLAIMED_RETRY_MS)
      return
    }
    try {
      await this.#makeBest(entry)
      this.#announce(entry)
    } catch (error) {
      this.#threads.release(entry.key)
      throw error
    }
  }

  async #makeBest(entry: StoredContent): Promise<void> {
    const { source, coded, coding } = entry
    if (coded === null) return
    // A file's content is not kept beside its coding: undoing that is a hundredth of the work ahead.
    const content = source === null ? await decodeOwnBytes(coded, coding) : bytesOf(source)
    const digest = this.#disk === null ? null : await DiskCache.digest(content)
    const known = digest === null ? null : ((await this.#disk?.read(digest, coding)) ?? null)
    const best = known ?? (await this.#encode(content, coding, this.#levels[coding]))
    this.#store.improve(entry, best)
    if (digest !== null && known === null) await this.#disk?.write(digest, coding, best)
  }
}

function canImprove({ best, better, coded }: StoredContent): boolean {
  return !best && better === null && coded !== null
}

/** Bytes. Brotli 11 takes two to four seconds of a thread for each MiB, and up to 61 MiB of memory for so much. */
const MAX_IMPROVED_BYTES = 4 * 1024 * 1024

/** Milliseconds. The best coding of most contents takes less. */
const CLAIMED_RETRY_MS = 1000
