import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

/**
 * The folder to serve as an absolute path.
 * @throws {UsageError} when there is nothing, or something that is no folder
 */
export async function documentRoot(root: string, folder: string): Promise<string> {
  const path = resolve(folder, root)
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR'
    const why = missing ? 'there is no such folder' : `it cannot be read: ${error.code}`
    throw new UsageError(`cannot serve ${root}: ${why} (${path})`)
  })
  if (!stats.isDirectory())
    throw new UsageError(`cannot serve ${root}: it is a file, a folder is needed (${path})`)
  return path
}
