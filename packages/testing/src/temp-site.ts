import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What stands at a path: text or bytes of a file, a symlink's target, or `null` for an empty folder. */
export type SiteEntry = string | Uint8Array | { readonly symlink: string } | null

export interface TempSite extends AsyncDisposable {
  /** Absolute path of the document root. */
  readonly root: string
  /** Absolute path of an entry below the root. */
  path(name: string): string
  write(name: string, entry: SiteEntry): Promise<void>
  remove(): Promise<void>
}

/** Every file's modification time, so that Last-Modified is known. */
export const SITE_MTIME: Date = new Date('2024-01-02T03:04:05Z')

/**
 * Makes a folder of files below the system's temporary folder; `remove` takes it away.
 * The root lies one level down, so that `../outside.txt` names a file outside it.
 */
export async function tempSite(files: Readonly<Record<string, SiteEntry>>): Promise<TempSite> {
  const folder = await mkdtemp(join(tmpdir(), 'tsws-site-'))
  const root = join(folder, 'www')
  await mkdir(root)
  const site: TempSite = {
    root,
    path: (name) => join(root, name),
    write: (name, entry) => writeEntry(join(root, name), entry),
    remove: () => rm(folder, { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => site.remove(),
  }
  for (const [name, entry] of Object.entries(files)) await site.write(name, entry)
  return site
}

async function writeEntry(path: string, entry: SiteEntry): Promise<void> {
  await mkdir(entry === null ? path : dirname(path), { recursive: true })
  if (entry === null) return
  if (typeof entry === 'object' && 'symlink' in entry) return symlink(entry.symlink, path)
  await writeFile(path, entry)
  await utimes(path, SITE_MTIME, SITE_MTIME)
}
