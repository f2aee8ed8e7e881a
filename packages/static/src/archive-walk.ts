import type { Stats } from 'node:fs'
import { DirectoryReader } from './directory-reader.ts'
import type { DocumentRoot } from './document-root.ts'
import type { PathRules } from './request-path.ts'
import type { OpenedFile } from './opened-file.ts'

/** A file for an archive. It is open only until the next one is asked for. */
export interface ArchiveFile {
  /** Below the archived folder, without a slash in front. */
  readonly name: string
  readonly file: OpenedFile
  readonly stats: Stats
}

/**
 * All files below a folder that would be served, one at a time, each folder's in the order of their names. Links to files
 * inside the root are followed, links to folders are not: they may lead in a circle.
 *
 * @throws {RangeError} `ERR_ARCHIVE_TOO_LARGE`
 */
export async function* walkFiles(
  root: DocumentRoot,
  folder: string,
  rules: PathRules,
): AsyncGenerator<ArchiveFile, void, undefined> {
  const prefix = folder === '/' ? '/' : `${folder}/`
  const folders = [folder]
  let count = 0
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const { files, below } = await entriesOf(root, path, rules)
    folders.push(...below.toReversed())
    count += files.length + below.length
    if (count > MAX_ENTRIES) throw tooLarge(folder)
    for (const filePath of files) {
      const opened = await root.open(filePath)
      if (opened.kind !== 'file') continue // gone since
      try {
        yield { name: filePath.slice(prefix.length), file: opened.file, stats: opened.stats }
      } finally {
        await opened.file.close()
      }
    }
  }
}

/** Files and folders in one archive: bounds the memory for what is still to come. */
const MAX_ENTRIES = 100_000

async function entriesOf(
  root: DocumentRoot,
  path: string,
  rules: PathRules,
): Promise<{ files: string[]; below: string[] }> {
  const files: string[] = []
  const below: string[] = []
  const reader = await DirectoryReader.open(root, path, rules)
  if (reader === null) return { files, below }
  try {
    const { entries, complete } = await reader.read(MAX_ENTRIES)
    if (!complete) throw tooLarge(path)
    for (const entry of entries) {
      if (entry.path === null) continue
      if (entry.type === 'file') files.push(entry.path)
      else if (!entry.isLink) below.push(entry.path)
    }
  } finally {
    await reader.close()
  }
  return { files: files.toSorted(), below: below.toSorted() }
}

/** Bytes of a file at once. */
const READ_BYTES = 64 * 1024

/** The bytes of a file as its `stats` said, no more and no fewer: its length is in the archive already. */
export async function* readFile({ file, stats, name }: ArchiveFile): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < stats.size;) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, stats.size - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) throw new Error(`${name} became shorter while it was being archived`)
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function tooLarge(path: string): RangeError {
  return Object.assign(
    new RangeError(`${path} has more than ${MAX_ENTRIES} entries, too many for an archive`),
    {
      code: 'ERR_ARCHIVE_TOO_LARGE',
    },
  )
}
