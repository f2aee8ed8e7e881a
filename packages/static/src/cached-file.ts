import { createCodingNegotiator } from '@tsws/headers'
import type { Stats } from 'node:fs'
import type { FolderLook } from './folder-looks.ts'
import type { Coding } from './options.ts'
import type { Representation } from './representation.ts'
import { isSameDevice } from './same-device.ts'

/** Milliseconds. The coarsest clock of a file system in use: FAT counts in two seconds. */
export const CLOCK_TICK_MS = 2000

/** What tells two files, or two states of one, apart. */
export interface FileIdentity {
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
}

/** A representation with where it lies and, if it is small, its bytes. */
export interface Variant {
  readonly representation: Representation
  /** Path below the root of what is sent: the sibling's for a coding. */
  readonly path: string
  readonly identity: FileIdentity
  /** Shared by all answers: never written to. Null for content that is read from disk each time. */
  readonly bytes: Uint8Array | null
}

/** Something the answer hangs on: a path, and what stood there. */
export interface Witness {
  readonly path: string
  readonly identity: FileIdentity
}

/** What the answer hangs on besides: paths, all in one folder, where nothing stood. */
export interface Absence {
  readonly paths: readonly string[]
  /** The folder, as it was before they were last looked for; null when that was not asked. */
  folder: FolderLook | null
}

/** All that is known of one URL path that leads to a file. */
export class CachedFile {
  readonly key: string
  readonly path: string
  readonly identity: Variant
  readonly witnesses: readonly Witness[]
  readonly absence: Absence
  /** Whether all of it lies where a look cannot take long: `DocumentRoot.isNear`. */
  readonly isNear: boolean
  /** Bytes of content kept. */
  readonly bytes: number
  /** Asked for since the cache last looked for something to drop. */
  used = false
  /** When the look that found it as it is began, in milliseconds since 1970. */
  checkedAt: number
  /** The look that is under way. */
  checking: Promise<boolean> | null = null
  readonly #coded: ReadonlyMap<string, Variant> | null
  readonly #negotiate: ((acceptEncoding: string | null) => string | null) | null

  constructor(
    key: string,
    path: string,
    identity: Variant,
    coded: readonly Variant[],
    witnesses: readonly Witness[],
    absence: Absence,
    checkedAt: number,
    isNear = false,
  ) {
    this.key = key
    this.path = path
    this.identity = identity
    this.witnesses = witnesses
    this.absence = absence
    this.isNear = isNear
    this.checkedAt = checkedAt
    let bytes = identity.bytes?.length ?? 0
    for (const variant of coded) bytes += variant.bytes?.length ?? 0
    this.bytes = bytes
    if (coded.length === 0) {
      this.#coded = null
      this.#negotiate = null
    } else {
      this.#coded = new Map(coded.map((variant) => [variant.representation.coding as Coding, variant]))
      this.#negotiate = negotiatorFor([...this.#coded.keys()])
    }
  }

  get isNegotiated(): boolean {
    return this.#negotiate !== null
  }

  /** The variant for an `Accept-Encoding`. Where nothing is acceptable the plain file is sent (RFC 9110 §12.5.3). */
  select(acceptEncoding: string | null): Variant {
    if (this.#negotiate === null || acceptEncoding === null) return this.identity
    const coding = this.#negotiate(acceptEncoding)
    return (coding === null ? undefined : this.#coded?.get(coding)) ?? this.identity
  }
}

export function identityOf(stats: Stats): FileIdentity {
  return {
    dev: stats.dev,
    ino: stats.ino,
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
  }
}

export function isSameFile(a: FileIdentity | null, b: FileIdentity | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.ino === b.ino &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.size === b.size &&
    isSameDevice(a.dev, b.dev)
  )
}

/** One negotiator for all files with the same siblings: what it remembers is about the clients, not the files. */
const negotiators = new Map<string, (acceptEncoding: string | null) => string | null>()

function negotiatorFor(codings: readonly string[]): (acceptEncoding: string | null) => string | null {
  const key = codings.join()
  const known = negotiators.get(key)
  if (known !== undefined) return known
  const negotiator = createCodingNegotiator(codings)
  negotiators.set(key, negotiator) // at most one for each order of a few codings
  return negotiator
}
