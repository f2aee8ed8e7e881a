import { CachedFile, identityOf, isSameFile } from './cached-file.ts'
import type { FileIdentity, Variant, Witness } from './cached-file.ts'
import type { DocumentRoot, Opened } from './document-root.ts'
import { mayHaveSiblings, mediaTypeOf } from './media-type.ts'
import type { Coding, ResolvedOptions } from './options.ts'
import { readWhole } from './read-whole.ts'
import { createRepresentation } from './representation.ts'

type OpenedAsFile = Opened & { kind: 'file' }

export interface FileToLoad {
  readonly key: string
  readonly path: string
  /** Is closed in every case. */
  readonly opened: OpenedAsFile
  /** Paths in the same folder that had to be missing for the key to lead here. */
  readonly absent: readonly string[]
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** Reads what is to be remembered of a file: its siblings, its representations, and, if it is small, its bytes. */
export async function loadFile(
  root: DocumentRoot,
  options: ResolvedOptions,
  file: FileToLoad,
): Promise<CachedFile> {
  const { key, path, opened, absent, startedAt } = file
  const loading: Loading = { path, options, now: startedAt, witnesses: [], absent: [...absent] }
  let coded: Variant[]
  try {
    coded = await loadSiblings(root, loading, identityOf(opened.stats))
  } catch (error) {
    await opened.file.close()
    throw error
  }
  const plain = await loadVariant(loading, { location: path, coding: null, opened, varies: coded.length > 0 })
  // Written to while it was read: the siblings were compared with what it was before.
  if (!isSameFile(plain.identity, identityOf(opened.stats))) coded = []
  const witnesses = [...loading.witnesses, { path, identity: plain.identity }]
  const absence = { paths: loading.absent, folder: null }
  const isNear = witnesses.every(({ identity }) => root.isNear(identity.dev))
  return new CachedFile(key, path, plain, coded, witnesses, absence, startedAt, isNear)
}

interface Loading {
  readonly path: string
  readonly options: ResolvedOptions
  readonly now: number
  readonly witnesses: Witness[]
  readonly absent: string[]
}

async function loadSiblings(root: DocumentRoot, loading: Loading, file: FileIdentity): Promise<Variant[]> {
  const { path, options, witnesses, absent } = loading
  const variants: Variant[] = []
  if (!mayHaveSiblings(mediaTypeOf(path, options.mediaTypes))) return variants
  const codings = options.precompressed
  // Most files have none: a look costs less than trying to open what is not there.
  const seen = await Promise.all(codings.map((coding) => root.stat(path + SUFFIXES[coding])))
  for (const [index, coding] of codings.entries()) {
    const location = path + SUFFIXES[coding]
    const opened = seen[index] === null ? null : await root.open(location)
    if (opened?.kind !== 'file') {
      absent.push(location)
      continue
    }
    const identity = identityOf(opened.stats)
    witnesses.push({ path: location, identity })
    if (isFreshSibling(identity, file))
      variants.push(await loadVariant(loading, { location, coding, opened, varies: true }))
    else await opened.file.close()
  }
  return variants
}

const SUFFIXES: Readonly<Record<Coding, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' }

/**
 * A sibling older than its file was made from another version of it. Tools that copy the time over may cut it to whole
 * seconds. An empty one is no coding of anything: it is being written.
 */
function isFreshSibling(sibling: FileIdentity, file: FileIdentity): boolean {
  if (sibling.size === 0) return false
  return sibling.mtimeMs >= file.mtimeMs || sibling.mtimeMs === Math.floor(file.mtimeMs / 1000) * 1000
}

interface VariantToLoad {
  /** Path below the root of what is opened. */
  readonly location: string
  readonly coding: Coding | null
  readonly opened: OpenedAsFile
  /** Whether there are representations in other codings. */
  readonly varies: boolean
}

/** Makes a variant of an opened file and closes it. */
async function loadVariant(
  { path, options, now }: Loading,
  { location, coding, opened: { file, stats }, varies }: VariantToLoad,
): Promise<Variant> {
  try {
    const keep = stats.size <= options.maxEntryBytes && stats.size <= options.maxBytes
    const whole = keep ? await readWhole(file, stats) : { bytes: null, stats }
    const representation = createRepresentation(path, coding, whole.stats, options, now, varies, whole.bytes)
    const bytes = representation.whole.content
    return { representation, path: location, identity: identityOf(whole.stats), bytes }
  } finally {
    await file.close()
  }
}
