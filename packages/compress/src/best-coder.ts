import type { Coding } from './coding.ts'
import type { ContentStore, StoredContent } from './content-store.ts'
import { decodeOwnBytes } from './decode-bytes.ts'
import { DiskCache } from './disk-cache.ts'
import { Improver } from './improver.ts'
import type { EncodeFunction, Levels } from './options.ts'

/** Turns stored contents into their best coding, in the background, and keeps those on disk if there is a folder for it. */
export class BestCoder {
  readonly #store: ContentStore
  readonly #levels: Readonly<Levels>
  readonly #encode: EncodeFunction
  readonly #improver: Improver
  readonly #disk: DiskCache | null
  readonly #asked = new WeakSet<StoredContent>()

  constructor(
    store: ContentStore,
    levels: Readonly<Levels>,
    encode: EncodeFunction,
    disk: DiskCache | null,
    isBusy: () => boolean,
  ) {
    this.#store = store
    this.#levels = levels
    this.#encode = encode
    this.#disk = disk
    this.#improver = new Improver(isBusy)
  }

  get failures(): number {
    return this.#improver.failures
  }

  /** What another time or process made of this content, if it is on disk. */
  async recall(content: Uint8Array, coding: Coding): Promise<Uint8Array | null> {
    return this.#disk === null ? null : this.#disk.read(await DiskCache.digest(content), coding)
  }

  /** Asks for the best coding, once per content. `length` is that of the content in bytes, −1 if not known. */
  request(entry: StoredContent, length: number): void {
    if (entry.best || entry.coded === null || length > MAX_IMPROVED_BYTES || this.#asked.has(entry)) return
    if (this.#improver.add(() => this.#improve(entry))) this.#asked.add(entry)
  }

  idle(): Promise<void> {
    return this.#improver.idle()
  }

  close(): Promise<void> {
    return this.#improver.close()
  }

  async #improve(entry: StoredContent): Promise<void> {
    const { source, coded, coding } = entry
    if (coded === null) return
    // A file's content is not kept beside its coding: undoing that is a hundredth of the work ahead.
    const content =
      source === null
        ? await decodeOwnBytes(coded, coding)
        : typeof source === 'string'
          ? Buffer.from(source)
          : source
    const digest = this.#disk === null ? null : await DiskCache.digest(content)
    const known = digest === null ? null : ((await this.#disk?.read(digest, coding)) ?? null)
    const best = known ?? (await this.#encode(content, coding, this.#levels[coding]))
    this.#store.improve(entry, best)
    if (digest !== null && known === null) await this.#disk?.write(digest, coding, best)
  }
}

/** Brotli 11 takes about a second of a thread for each MiB. */
const MAX_IMPROVED_BYTES = 4 * 1024 * 1024
