import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

/**
 * The folder to serve as an absolute path.
 * @throws {UsageError} when there is nothing, or something that is no folder
 */
export function documentRoot(root: string, folder: string): string {
  const path = resolve(folder, root)
  const refuse = (why: string): UsageError => new UsageError(`cannot serve ${root}: ${why} (${path})`)
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw refuse(
      code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such folder' : `it cannot be read: ${code}`,
    )
  }
  if (!isFolder) throw refuse('it is a file, a folder is needed')
  return path
}
