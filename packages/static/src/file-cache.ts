import type { CachedFile } from './cached-file.ts'

export interface FileCacheLimits {
  /** Bytes of content kept. */
  readonly maxBytes: number
  /** Files remembered. */
  readonly maxEntries: number
}

/**
 * Files by the one spelling of their URL path. Bounded in bytes and in entries; what was not asked for since the last
 * look goes first (second chance, the clock form of least recently used: a hit costs one store, no reordering).
 */
export class FileCache {
  readonly #limits: FileCacheLimits
  readonly #files = new Map<string, CachedFile>()
  #bytes = 0

  constructor(limits: FileCacheLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#files.size
  }

  /** Bytes of content kept now. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): CachedFile | undefined {
    return this.#files.get(key)
  }

  set(key: string, file: CachedFile): void {
    this.delete(key)
    if (file.bytes > this.#limits.maxBytes || this.#limits.maxEntries === 0) return
    this.#files.set(key, file)
    this.#bytes += file.bytes
    this.#evict(file)
  }

  delete(key: string): void {
    const file = this.#files.get(key)
    if (file === undefined) return
    this.#files.delete(key)
    this.#bytes -= file.bytes
  }

  /** Forgets `file`, unless another has taken its place already. */
  forget(file: CachedFile): void {
    if (this.#files.get(file.key) === file) this.delete(file.key)
  }

  #evict(newest: CachedFile): void {
    // A Map iterates in the order of insertion, and what is put back during the walk comes again at its end: each file
    // is met at most twice, so this ends.
    for (const [key, file] of this.#files) {
      if (this.#bytes <= this.#limits.maxBytes && this.#files.size <= this.#limits.maxEntries) return
      if (file === newest) {
        this.#files.delete(key)
        this.#files.set(key, file)
        continue
      }
      if (file.used) {
        file.used = false
        this.#files.delete(key)
        this.#files.set(key, file)
      } else {
        this.delete(key)
      }
    }
  }
}
