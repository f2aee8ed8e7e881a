import { CLOCK_TICK_MS, identityOf, isSameFile } from './cached-file.ts'
import type { Absence, CachedFile, Variant } from './cached-file.ts'
import type { DocumentRoot } from './document-root.ts'
import { FileCache } from './file-cache.ts'
import { FolderLooks } from './folder-looks.ts'
import type { FolderLook } from './folder-looks.ts'
import { loadFile } from './load-file.ts'
import type { ResolvedOptions } from './options.ts'
import { createRepresentation } from './representation.ts'
import type { Representation } from './representation.ts'
import { encodePath } from './request-path.ts'
import type { RequestPath } from './request-path.ts'
import { resolutionSteps } from './resolution.ts'
import type { Step } from './resolution.ts'
import type { OpenedFile } from './opened-file.ts'

/** What a path leads to. */
export type Found =
  | CachedFile
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'listing'; readonly path: string }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'missing' }

/** An open file, which whoever gets it closes, and what it is. */
export interface OpenedVariant {
  readonly file: OpenedFile
  readonly representation: Representation
}

/** Finds files below a root, and remembers them for as long as that is true. */
export class StaticFiles {
  readonly cache: FileCache
  readonly #root: DocumentRoot
  readonly #options: ResolvedOptions
  readonly #interval: number
  readonly #recheckAfter: number
  readonly #folders: FolderLooks
  readonly #pending = new Map<string, Promise<Found>>()

  constructor(root: DocumentRoot, options: ResolvedOptions) {
    this.#root = root
    this.#options = options
    this.#interval = options.revalidateInterval
    this.#recheckAfter = options.revalidateInterval * RECHECK_FROM
    this.#folders = new FolderLooks(root, options.revalidateInterval * FOLDER_LOOK_SHARED)
    this.cache = new FileCache(options)
  }

  /**
   * What is remembered under the key and still counts as true, or null. A file is looked at again at the end of the interval:
   * at once on a near device, elsewhere a little earlier behind the scenes, so that one in steady use is never waited for.
   */
  recall(key: string): CachedFile | null {
    const file = this.cache.get(key)
    if (file === undefined) return null
    const now = Date.now()
    const age = now - file.checkedAt
    // A clock that was set back makes a negative age, which proves nothing.
    const believed = file.isNear ? this.#interval : this.#recheckAfter
    if (!(age >= 0 && age < believed) && !this.#stillCounts(file, age, now)) return null
    file.used = true
    return file
  }

  /** The key of a path in the cache: its one canonical spelling in a URL. */
  keyOf({ path, directory }: RequestPath): string {
    const encoded = this.#options.base + encodePath(path)
    return directory && path !== '/' ? `${encoded}/` : encoded
  }

  /** As `recall`, but looks on disk where memory does not know. Many requests for one path share one look. */
  find(path: RequestPath, key: string): Promise<Found> {
    return this.#find(key, () => resolutionSteps(path, this.#options))
  }

  /** The file at exactly that path below the root, whatever URL leads to it: an error page, the page of an application. */
  findPage(path: string): Promise<Found> {
    return this.#find(`page:${path}`, () => [{ path, kind: 'file', action: 'serve' }]) // no URL path starts like this
  }

  async #find(key: string, steps: () => readonly Step[]): Promise<Found> {
    const known = this.recall(key)
    if (known !== null) return known
    const old = this.cache.get(key)
    if (old !== undefined && (await this.#isCurrent(old))) return old
    let pending = this.#pending.get(key)
    if (pending === undefined) {
      pending = this.#resolve(key, steps()).finally(() => this.#pending.delete(key))
      this.#pending.set(key, pending)
    }
    return pending
  }

  /**
   * Opens a variant, with the representation that the opened file has: another one, if it was exchanged since it was looked
   * at. The entry is forgotten then, and for a sibling, which may no longer fit its file, the file itself is opened.
   * Null when nothing is there any more.
   */
  async open(file: CachedFile, variant: Variant): Promise<OpenedVariant | null> {
    const { coding } = variant.representation
    const opened = await this.#root.open(variant.path)
    const isFile = opened.kind === 'file'
    if (isFile && isSameFile(identityOf(opened.stats), variant.identity)) {
      return { file: opened.file, representation: variant.representation }
    }
    this.cache.forget(file)
    if (isFile && coding === null) {
      const representation = createRepresentation(
        file.path,
        null,
        opened.stats,
        this.#options,
        Date.now(),
        file.isNegotiated,
      )
      return { file: opened.file, representation }
    }
    if (isFile) await opened.file.close()
    return coding === null ? null : this.open(file, file.identity)
  }

  #stillCounts(file: CachedFile, age: number, now: number): boolean {
    const isCurrent = this.#lookNow(file, now)
    if (isCurrent !== null) return isCurrent
    if (!(age >= 0 && age < this.#interval)) return false
    if (file.checking === null) void this.#isCurrent(file)
    return true
  }

  /** `#isCurrent` without waiting; null where that cannot be told so. */
  #lookNow(file: CachedFile, now: number): boolean | null {
    const { witnesses } = file
    if (file.checking !== null || !file.isNear || !isSettled(file)) return null
    try {
      const lookedAt = this.#lookForAbsentNow(file, now)
      if (
        lookedAt !== null &&
        witnesses.every(({ path, identity }) => isSameFile(identity, this.#root.statNow(path)))
      ) {
        file.checkedAt = lookedAt
        return true
      }
    } catch {
      // As in `#check`.
    }
    this.cache.forget(file)
    return false
  }

  #lookForAbsentNow({ path, absence }: CachedFile, now: number): number | null {
    if (absence.paths.length === 0) return now
    const look = this.#folders.lookNow(folderOf(path), now)
    if (!isStillAbsent(absence, look, now)) {
      if (absence.paths.some((missing) => this.#root.statNow(missing) !== null)) return null
      absence.folder = look
    }
    return Math.min(now, look.startedAt)
  }

  /** Whether all that a remembered file hangs on is as it was. Never rejects. */
  #isCurrent(file: CachedFile): Promise<boolean> {
    return (file.checking ??= this.#check(file).finally(() => {
      file.checking = null
    }))
  }

  async #check(file: CachedFile): Promise<boolean> {
    const startedAt = Date.now()
    try {
      if (isSettled(file)) {
        const looks = file.witnesses.map(({ path }) => this.#root.stat(path))
        const [lookedAt, ...seen] = await Promise.all([this.#lookForAbsent(file, startedAt), ...looks])
        const same = file.witnesses.every(({ identity }, index) => {
          const stats = seen[index] ?? null
          return stats !== null && isSameFile(identity, identityOf(stats))
        })
        if (same && lookedAt !== null) {
          file.checkedAt = lookedAt
          return true
        }
      }
    } catch {
      // The file system failed: the next request meets the failure itself, and it is answered there.
    }
    this.cache.forget(file)
    return false
  }

  /** When what was missing was last known to be missing still; null when it is there now. */
  async #lookForAbsent({ path, absence }: CachedFile, now: number): Promise<number | null> {
    if (absence.paths.length === 0) return now
    const look = await this.#folders.look(folderOf(path))
    if (!isStillAbsent(absence, look, now)) {
      const seen = await Promise.all(absence.paths.map((missing) => this.#root.stat(missing)))
      if (seen.some((stats) => stats !== null)) return null
      absence.folder = look
    }
    return Math.min(now, look.startedAt)
  }

  async #resolve(key: string, steps: readonly Step[]): Promise<Found> {
    const startedAt = Date.now()
    const absent: string[] = []
    let forbidden = false
    for (const step of steps) {
      const opened = await this.#root.open(step.path)
      if (opened.kind === 'file' && step.kind === 'file' && step.action === 'serve') {
        const file = await loadFile(this.#root, this.#options, {
          key,
          path: step.path,
          opened,
          absent,
          startedAt,
        })
        this.cache.set(key, file)
        return file
      }
      if (opened.kind === 'file') await opened.file.close()
      if (opened.kind === step.kind && step.action === 'redirect') return { kind: 'redirect', to: step.to }
      if (opened.kind === step.kind && step.action === 'list') return { kind: 'listing', path: step.path }
      if (opened.kind === 'missing') absent.push(step.path)
      if (opened.kind === 'forbidden') forbidden = true
    }
    return forbidden ? FORBIDDEN : MISSING
  }
}

/** Part of the interval after which a file in use is looked at behind the scenes: what is left of it is for the look. */
const RECHECK_FROM = 0.75
const MISSING: Found = Object.freeze({ kind: 'missing' })
const FORBIDDEN: Found = Object.freeze({ kind: 'forbidden' })

/** Part of the interval for which a look at a folder is shared by the files in it. */
const FOLDER_LOOK_SHARED = 0.1
/** Milliseconds for which the times of a folder are believed; some network and container mounts keep them badly. */
const FOLDER_TRUST_MS = 10_000

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** Whether what was missing must be missing still, by the folder alone. */
function isStillAbsent({ folder }: Absence, look: FolderLook, now: number): boolean {
  return folder !== null && now - folder.startedAt < FOLDER_TRUST_MS && isSameFolder(folder, look)
}

/** Whether a folder has the same names in it as before. */
function isSameFolder(before: FolderLook, now: FolderLook): boolean {
  const { identity, startedAt } = before
  return (
    identity !== null && isSameFile(identity, now.identity) && startedAt - identity.ctimeMs > CLOCK_TICK_MS
  )
}

/**
 * Whether the times of a file can prove that it has not changed: what was written just before it was read may be written
 * again within the same tick of the file system's clock, and look the same.
 */
function isSettled({ witnesses, checkedAt }: CachedFile): boolean {
  return witnesses.every(({ identity }) => checkedAt - identity.ctimeMs > CLOCK_TICK_MS)
}
