import { identityOf } from './cached-file.ts'
import type { FileIdentity } from './cached-file.ts'
import type { DocumentRoot } from './document-root.ts'

/** What a look at a folder found, and when the look began (milliseconds since 1970). */
export interface FolderLook {
  readonly startedAt: number
  /** Null when there is no such folder. */
  readonly identity: FileIdentity | null
}

/**
 * Looks at folders, shared by all files in them. A name that is added to a folder, or taken out, changes the folder's
 * times (POSIX.1-2017, open, rename, unlink): while those are as they were, what was missing is missing still. So the three
 * siblings that most files do not have need not be looked for again and again.
 */
export class FolderLooks {
  readonly #root: DocumentRoot
  readonly #maxAge: number
  readonly #looks = new Map<string, { startedAt: number; look: Promise<FolderLook> }>()
  readonly #looksNow = new Map<string, FolderLook>()

  /** @param maxAge milliseconds for which a look is shared */
  constructor(root: DocumentRoot, maxAge: number) {
    this.#root = root
    this.#maxAge = maxAge
  }

  /** @throws what the file system fails with */
  look(path: string): Promise<FolderLook> {
    const now = Date.now()
    const known = this.#looks.get(path)
    if (known !== undefined && this.#isFresh(known.startedAt, now)) return known.look
    if (this.#looks.size >= MAX_LOOKS) this.#looks.clear()
    const look = this.#root.stat(path).then((stats) => ({
      startedAt: now,
      identity: stats === null ? null : identityOf(stats),
    }))
    this.#looks.set(path, { startedAt: now, look })
    return look
  }

  /** As `look`, without waiting: for folders on a near device. @throws what the file system fails with */
  lookNow(path: string, now: number): FolderLook {
    const known = this.#looksNow.get(path)
    if (known !== undefined && this.#isFresh(known.startedAt, now)) return known
    if (this.#looksNow.size >= MAX_LOOKS) this.#looksNow.clear()
    const stats = this.#root.statNow(path)
    const look = { startedAt: now, identity: stats === null ? null : identityOf(stats) }
    this.#looksNow.set(path, look)
    return look
  }

  #isFresh(startedAt: number, now: number): boolean {
    const age = now - startedAt
    return age >= 0 && age < this.#maxAge
  }
}

/** Folders remembered for a moment. A look is forgotten at no greater loss than a `stat`. */
const MAX_LOOKS = 1024
