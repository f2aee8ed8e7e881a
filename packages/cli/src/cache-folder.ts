import { constants } from 'node:fs'
import { access, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { UsageError } from './usage-error.ts'

/**
 * The folder of `--compress-cache` as an absolute path, made where it is not there.
 * @throws {UsageError} when it cannot be made or written to, or when it would be served
 */
export async function cacheFolder(given: string, root: string, folder: string): Promise<string> {
  const path = resolve(folder, given)
  const refuse = (why: string): UsageError => new UsageError(`--compress-cache ${given}: ${why} (${path})`)
  const served =
    'it lies in the folder that is served; choose one outside, or one whose name begins with a dot'
  if (isServed(path, root)) throw refuse(served)
  try {
    // Where only the last part is missing, nothing above it is made: Node 26.10 never returns from making
    // folders one in another where the file system lets nobody make any, as below /proc.
    const aboveIsThere = await stat(dirname(path)).then(
      () => true,
      () => false,
    )
    await mkdir(path, { recursive: !aboveIsThere, mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw refuse(`the folder cannot be made: ${code}`)
  }
  if (!(await stat(path)).isDirectory()) throw refuse('it is a file, a folder is needed')
  await access(path, constants.W_OK | constants.X_OK).catch(() => {
    throw refuse('it cannot be written to')
  })
  // Once more with links resolved, which could not be done before it was there.
  if (isServed(await realpath(path), await realpath(root))) throw refuse(served)
  return path
}

/**
 * Whether a folder of the command's own lies in the one that is served. What was compressed may be an answer for one person
 * only: nobody else must get it as a file.
 */
export function isServed(path: string, root: string, dotfiles = false): boolean {
  const below = relative(root, path)
  if (isAbsolute(below)) return false // another drive
  const parts = below.split(sep)
  if (dotfiles) return parts[0] !== '..'
  // Names that begin with a dot are not served, and `..` is outside.
  return parts.every((part) => !part.startsWith('.') || part === '.well-known')
}
