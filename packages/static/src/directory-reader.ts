import type { Dirent, Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import type { DocumentRoot, OpenDirectory } from './document-root.ts'
import { encodePath, parseRequestPath } from './request-path.ts'
import type { PathRules } from './request-path.ts'

/** One thing in a folder that may be shown. */
export interface DirectoryEntry {
  /** For people: bytes that are no UTF-8 are shown as `\xff`. */
  readonly name: string
  readonly type: 'file' | 'directory'
  /** Path below the root; null for a name that no URL can have. */
  readonly path: string | null
  /** Reached through a symbolic link. */
  readonly isLink: boolean
}

/** With what only `stat` tells. */
export interface EntryDetails extends DirectoryEntry {
  /** Bytes; null for a folder, and for what vanished meanwhile. */
  readonly size: number | null
  /** Milliseconds since 1970. */
  readonly modified: number | null
}

/** Reads one folder below a root, showing nothing that the root would not serve. */
export class DirectoryReader {
  readonly path: string
  readonly #root: DocumentRoot
  readonly #directory: OpenDirectory
  readonly #rules: PathRules
  #closed = false

  private constructor(root: DocumentRoot, directory: OpenDirectory, path: string, rules: PathRules) {
    this.path = path
    this.#root = root
    this.#directory = directory
    this.#rules = rules
  }

  /** @returns null when there is no such folder @throws EACCES, EPERM */
  static async open(root: DocumentRoot, path: string, rules: PathRules): Promise<DirectoryReader | null> {
    const directory = await root.openDirectory(path)
    return directory === null ? null : new DirectoryReader(root, directory, path, rules)
  }

  /**
   * The entries as the file system gives them, at most `limit`; `complete` is false if there are more.
   *
   * @param beforeMany waited for once there are so many that their memory counts
   */
  async read(
    limit: number,
    beforeMany?: () => Promise<void>,
  ): Promise<{ entries: DirectoryEntry[]; complete: boolean }> {
    const entries: DirectoryEntry[] = []
    let isMany = false
    // Names as bytes: not all of them are UTF-8. Node's types do not know of that here.
    const options = { encoding: 'buffer' as BufferEncoding, bufferSize: NAMES_AT_ONCE }
    for await (const dirent of await opendir(this.#directory.location, options)) {
      if (entries.length >= limit) return { entries, complete: false }
      if (entries.length === MANY && !isMany) {
        isMany = true
        await beforeMany?.()
      }
      const entry = await this.#entry(dirent as unknown as Dirent<Buffer>)
      if (entry !== null) entries.push(entry)
    }
    return { entries, complete: true }
  }

  /** Size and time; null for what is gone, or is no longer what it was. */
  async details(entry: DirectoryEntry): Promise<EntryDetails | null> {
    if (entry.path === null) return { ...entry, size: null, modified: null }
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1)
    const stats = await this.#statOf(name)
    if (stats === null) return null
    return { ...entry, size: entry.type === 'file' ? stats.size : null, modified: stats.mtimeMs }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#directory.close()
  }

  /** Null for what is hidden, or would not be served. */
  async #entry(dirent: Dirent<Buffer>): Promise<DirectoryEntry | null> {
    const name = decodeName(dirent.name)
    if (name === null) return this.#nameless(dirent)
    const path = this.path === '/' ? `/${name}` : `${this.path}/${name}`
    const request = parseRequestPath(encodePath(path), this.#rules)
    if (request.kind === 'refused') return request.because === 'hidden' ? null : this.#nameless(dirent)
    if (dirent.isFile()) return { name, type: 'file', path, isLink: false }
    if (dirent.isDirectory()) return { name, type: 'directory', path, isLink: false }
    // A link, or a file system that does not say: only what would be served is shown.
    const isLink = dirent.isSymbolicLink()
    const opened = await this.#root.open(path).catch(() => null)
    if (opened?.kind === 'file') {
      await opened.file.close()
      return { name, type: 'file', path, isLink }
    }
    return opened?.kind === 'directory' ? { name, type: 'directory', path, isLink } : null
  }

  #nameless(dirent: Dirent<Buffer>): DirectoryEntry | null {
    if (dirent.name[0] === DOT && this.#rules.dotfiles !== 'serve') return null
    const type = dirent.isFile() ? 'file' : dirent.isDirectory() ? 'directory' : null
    return type === null ? null : { name: showBytes(dirent.name), type, path: null, isLink: false }
  }

  async #statOf(name: string): Promise<Stats | null> {
    try {
      const stats = await lstat(`${this.#directory.location}/${name}`)
      return stats.isSymbolicLink() ? await this.#root.stat(`${this.path}/${name}`) : stats
    } catch {
      return null
    }
  }
}

/** Entries that are many: about 200 KB. */
const MANY = 1000
/** Names read from the system at once; others get their turn in between. */
const NAMES_AT_ONCE = 256
const DOT = 0x2e
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeName(name: Uint8Array): string | null {
  try {
    return utf8.decode(name)
  } catch {
    return null
  }
}

/** ASCII as it is, every other byte as `\xff`. */
function showBytes(name: Uint8Array): string {
  let shown = ''
  for (const byte of name) {
    shown +=
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : String.raw`\x${byte.toString(16).padStart(2, '0')}`
  }
  return shown
}
