import { mkdirSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Coding } from './coding.ts'

/**
 * The best codings of contents, kept in a folder under the SHA-256 of what was coded: found again after a restart, and by
 * every thread and process that uses the folder. A file is written under another name and then moved into place, and
 * carries a checksum, since a crash of the machine can move an empty file into place too: what fails it is removed and
 * made anew.
 *
 * Who can write to the folder decides what clients are sent; it is made readable and writable by its owner only.
 */
export class DiskCache {
  readonly #folder: string
  readonly #maxBytes: number
  /** Bytes in the folder, as far as is known here: others write to it too. */
  #bytes: Promise<number> | null = null
  /** Bytes written since the folder was looked at. */
  #written = 0
  #pruning: Promise<void> = Promise.resolve()

  /** @throws {Error} when the folder is not there and cannot be made */
  constructor(folder: string, maxBytes: number) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  /** What a content is found by. */
  static async digest(content: Uint8Array): Promise<string> {
    return (await sha256(content)).toString('hex')
  }

  /** Null when it is not there or not whole. */
  async read(digest: string, coding: Coding): Promise<Uint8Array | null> {
    const path = this.#path(digest, coding)
    const file = await readFile(path).catch(() => null)
    if (file === null) return null
    const coded = await unwrap(file)
    if (coded === null) {
      await rm(path, { force: true }).catch(() => {})
      return null
    }
    const now = new Date()
    void utimes(path, now, now).catch(() => {}) // pruning goes by what was used last
    return coded
  }

  /** @throws {Error} from the file system: a full disk above all */
  async write(digest: string, coding: Coding, coded: Uint8Array): Promise<void> {
    const path = this.#path(digest, coding)
    const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}${TEMPORARY}`
    try {
      await writeFile(temporary, await wrap(coded), { mode: 0o600, flag: 'wx' })
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
    const size = HEADER_BYTES + coded.length
    this.#written += size
    if (this.#bytes === null || this.#written > this.#maxBytes / LOOKS_PER_FILLING) {
      this.#written = 0
      this.#bytes = this.#scan()
    } else this.#bytes = this.#bytes.then((bytes) => bytes + size)
    if ((await this.#bytes) > this.#maxBytes) {
      this.#pruning = this.#pruning.then(() => this.#prune())
      await this.#pruning
    }
  }

  #path(digest: string, coding: Coding): string {
    return join(this.#folder, `${digest}.${coding}`)
  }

  async #scan(): Promise<number> {
    return (await this.#list()).reduce((sum, file) => sum + file.size, 0)
  }

  /** Removes what was not used for the longest time, down to nine tenths of the limit. */
  async #prune(): Promise<void> {
    const files = (await this.#list()).toSorted((a, b) => a.usedAt - b.usedAt)
    let bytes = files.reduce((sum, file) => sum + file.size, 0)
    for (const { path, size } of files) {
      if (bytes <= this.#maxBytes * 0.9) break
      await rm(path, { force: true })
      bytes -= size
    }
    this.#bytes = Promise.resolve(bytes)
  }

  /** The files of this cache and no others: the folder may be shared with anything. */
  async #list(): Promise<{ path: string; size: number; usedAt: number }[]> {
    const files: { path: string; size: number; usedAt: number }[] = []
    for (const name of await readdir(this.#folder)) {
      if (!OURS.test(name)) continue
      const path = join(this.#folder, name)
      const stats = await stat(path).catch(() => null) // another process may have removed it
      if (stats === null) continue
      const abandoned = name.endsWith(TEMPORARY) && Date.now() - stats.mtimeMs > ABANDONED_AFTER_MS
      if (abandoned) await rm(path, { force: true })
      else files.push({ path, size: stats.size, usedAt: stats.mtimeMs })
    }
    return files
  }
}

/** So that threads and processes that fill one folder go beyond its bound by a sixteenth each, at most. */
const LOOKS_PER_FILLING = 16

const TEMPORARY = '.tmp'
const OURS = /^[0-9a-f]{64}\.(?:br|zstd|gzip)(?:\.[0-9a-z-]+\.tmp)?$/
/** A file is written in milliseconds: one this old was left by a process that died over it. */
const ABANDONED_AFTER_MS = 60_000

// The layout: magic, SHA-256 of the rest, the coded bytes.
const MAGIC = Buffer.from('tswsc1\r\n')
const HEADER_BYTES = MAGIC.length + 32

async function wrap(coded: Uint8Array): Promise<Buffer> {
  return Buffer.concat([MAGIC, await sha256(coded), coded])
}

async function unwrap(file: Buffer): Promise<Uint8Array | null> {
  if (file.length < HEADER_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null
  const coded = file.subarray(HEADER_BYTES)
  return file.subarray(MAGIC.length, HEADER_BYTES).equals(await sha256(coded)) ? coded : null
}

/**
 * On a thread: a mebibyte takes milliseconds. By the global `crypto`, which Node loads when it is first touched: a server
 * without a folder starts without it. It takes no shared memory.
 */
async function sha256(bytes: Uint8Array): Promise<Buffer> {
  const own = bytes.buffer instanceof SharedArrayBuffer ? Buffer.from(bytes) : bytes
  return Buffer.from(await crypto.subtle.digest('SHA-256', own as Uint8Array<ArrayBuffer>))
}
