import { constants, realpathSync, statfsSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { HttpError } from '@tsws/http'
import { OpenedFile } from './opened-file.ts'
import { isOwnName, mergesNames } from './own-name.ts'
import { HAS_DESCRIPTOR_PATHS, realPathOf } from './real-path.ts'

/** What stands at a path. Only `file` holds something open, and who gets it closes it. */
export type Opened =
  | { readonly kind: 'file'; readonly file: OpenedFile; readonly stats: Stats }
  | { readonly kind: 'directory' }
  /** Nothing, or nothing that may be served: a device, a socket, a FIFO, a link out of the root. */
  | { readonly kind: 'missing' }
  /** The operating system refuses this process the file. */
  | { readonly kind: 'forbidden' }

/** A folder held open. */
export interface OpenDirectory {
  /** A path that leads to it for as long as it is open. */
  readonly location: string
  close(): Promise<void>
}

/** A folder whose files may be served, and nothing else. */
export class DocumentRoot {
  /** Absolute, links in it not resolved: a link that is turned to a new release is followed at once. */
  readonly path: string
  readonly #followSymlinks: boolean
  #real: string
  /** Of the folder, if looking there cannot take long. */
  readonly #nearDevice: number | null

  /** Whether the file system may have opened a file by another spelling of its name. */
  readonly #mergesNames: boolean

  /** @throws {TypeError} `ERR_ROOT_MISSING`, `ERR_ROOT_NOT_A_DIRECTORY` */
  constructor(path: string, followSymlinks = false, platform: string = process.platform) {
    if (typeof path !== 'string' || path === '') {
      throw rootError(
        'ERR_ROOT_MISSING',
        `the root must be the path of a folder, got ${JSON.stringify(path)}`,
      )
    }
    this.path = resolve(path)
    this.#followSymlinks = followSymlinks
    this.#mergesNames = mergesNames(platform)
    const stats = statSync(this.path, { throwIfNoEntry: false })
    if (stats === undefined) throw rootError('ERR_ROOT_MISSING', `no folder at ${this.path}`)
    if (!stats.isDirectory()) {
      throw rootError('ERR_ROOT_NOT_A_DIRECTORY', `${this.path} is not a folder; name the folder it is in`)
    }
    this.#real = realpathSync.native(this.path)
    this.#nearDevice = isNear(this.path) ? stats.dev : null
  }

  /** Whether a device is a memory or a disk of this machine, so that a look there may be waited for: `statNow`. */
  isNear(device: number): boolean {
    return device === this.#nearDevice
  }

  /** The file system's path of a path that starts with `/` and was checked by `parseRequestPath`. */
  locate(path: string): string {
    return join(this.path, path)
  }

  /**
   * Opens first and asks afterwards what was opened, so that nothing can be exchanged between the check and the use
   * (CWE-367). Never waits for the other end of a FIFO.
   * @throws {HttpError} 503 when no descriptor is left, or another program has locked the file (Windows)
   * @throws what is neither "not there" nor "not allowed", such as EIO
   */
  async open(path: string): Promise<Opened> {
    const location = this.locate(path)
    let file: OpenedFile
    try {
      file = await OpenedFile.open(location, OPEN_FLAGS)
    } catch (error) {
      return refusalOf(error)
    }
    try {
      const stats = await file.stat()
      const usable = stats.isFile() || stats.isDirectory()
      if (usable && (await this.#mayServe(path, file, stats))) {
        if (stats.isFile()) return { kind: 'file', file, stats }
        await file.close()
        return DIRECTORY
      }
      await file.close()
      return MISSING
    } catch (error) {
      await file.close().catch(() => {})
      return refusalOf(error)
    }
  }

  /**
   * Opens a folder to read its entries; null for what `open` would not call a directory.
   * @throws as `open`, EACCES or EPERM where the operating system refuses it
   */
  async openDirectory(path: string): Promise<OpenDirectory | null> {
    const location = this.locate(path)
    const file = await OpenedFile.open(location, OPEN_FLAGS).catch((error: unknown) => {
      if (refusalOf(error).kind === 'forbidden') throw error
      return null
    })
    if (file === null) return null
    try {
      const stats = await file.stat()
      if (stats.isDirectory() && (await this.#mayServe(path, file, stats))) {
        // Through the descriptor, the folder stays the one that was checked, whatever its path leads to later.
        return {
          location: HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${file.fd}` : location,
          close: () => file.close(),
        }
      }
    } catch (error) {
      await file.close().catch(() => {})
      throw error
    }
    await file.close()
    return null
  }

  /** What stands at a path now, links followed; null for nothing. Says nothing about whether it may be served. */
  async stat(path: string): Promise<Stats | null> {
    try {
      // Without an exception where nothing is there, the usual answer about a sibling, this costs half; older Node throws.
      return ((await stat(this.locate(path), STAT_QUIETLY)) as Stats | undefined) ?? null
    } catch (error) {
      refusalOf(error)
      return null
    }
  }

  /** As `stat`, at once, which costs a tenth of it. For what lies on a near device. */
  statNow(path: string): Stats | null {
    try {
      // Put together by hand: both sides are normal already, and `join` would cost a quarter of the look.
      return statSync(this.path + path, QUIETLY) ?? null
    } catch (error) {
      refusalOf(error)
      return null
    }
  }

  /** Whether the opened file lies below the root, links resolved (CWE-59), and was asked for by its own name (CWE-178). */
  async #mayServe(path: string, file: OpenedFile, stats: Stats): Promise<boolean> {
    if (this.#followSymlinks && !this.#mergesNames) return true
    const real = await realPathOf(file, this.locate(path), stats)
    if (real === null) return this.#followSymlinks
    let below = pathBelow(this.#real, real)
    if (below === null) {
      // The root itself may be a link that was turned since: to a new release, as deployments do.
      this.#real = await realpath(this.path)
      below = pathBelow(this.#real, real)
    }
    if (below === null) return this.#followSymlinks
    return !this.#mergesNames || isOwnName(path, below)
  }
}

// O_NONBLOCK: a FIFO without a writer opens at once. O_NOCTTY: no terminal takes over this process. Both 0 on Windows.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)
const QUIETLY = { throwIfNoEntry: false } as const
const STAT_QUIETLY = { throwIfNoEntry: false } as { bigint?: false }
const DIRECTORY: Opened = Object.freeze({ kind: 'directory' })
const MISSING: Opened = Object.freeze({ kind: 'missing' })
const FORBIDDEN: Opened = Object.freeze({ kind: 'forbidden' })

/** A network's file system may take seconds, or for ever, to answer. What is not known to be near is not. */
function isNear(path: string): boolean {
  try {
    return process.platform === 'linux' && NEAR_FILE_SYSTEMS.has(statfsSync(path).type)
  } catch {
    return false
  }
}

/** By their numbers in Linux (statfs(2)): ext2 to ext4, XFS, Btrfs, F2FS, ZFS, tmpfs, and the overlays of containers. */
const NEAR_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630,
])

/** A path as it is named below a folder, with a `/` in front and between; null if it does not lie there. */
function pathBelow(folder: string, path: string): string | null {
  if (path === folder) return '/'
  const length = folder.endsWith(sep) ? folder.length - 1 : folder.length // the root of a drive
  if (!path.startsWith(folder) || path[length] !== sep) return null
  const below = path.slice(length)
  return sep === '/' ? below : below.replaceAll(sep, '/')
}

/** Not there, in all the ways a path can lead nowhere: ENXIO is a socket, ELOOP a link to itself. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENXIO',
  'ENODEV',
  'EISDIR',
  'EINVAL',
  'EOPNOTSUPP',
])

function refusalOf(error: unknown): Opened {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (NOT_THERE.has(code)) return MISSING
  if (isRefusal(error)) return FORBIDDEN
  if (code === 'EMFILE' || code === 'ENFILE') {
    throw new HttpError(503, 'no file descriptor is left', {
      code: 'ERR_TOO_MANY_OPEN_FILES',
      cause: error,
      headers: { 'Retry-After': '1' },
    })
  }
  if (code === 'EBUSY') {
    throw new HttpError(503, 'another program has locked the file', {
      code: 'ERR_FILE_LOCKED',
      cause: error,
      headers: { 'Retry-After': '1' },
    })
  }
  throw error
}

/** The operating system does not let this process. */
export function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM'
}

function rootError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(`serveStatic: ${message}`), { code })
}
