import { readFile, realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { BasicAuthOptions } from '@tsws/security'
import type { ServeArguments } from './arguments.ts'
import { isServed } from './cache-folder.ts'
import { UsageError } from './usage-error.ts'

/**
 * Who is let in: what the environment and the configuration file say, and the users of `--auth-file`.
 * @throws {UsageError} naming the file and the line, never a password
 */
export async function authOf(
  { auth, authFile }: Pick<ServeArguments, 'auth' | 'authFile'>,
  root: string,
  folder: string,
): Promise<BasicAuthOptions> {
  if (authFile === null) return auth ?? {}
  return { ...auth, users: { ...auth?.users, ...(await usersOf(authFile, root, folder)) } }
}

/** Lines `name:password` or `name:$scrypt$…`; empty ones and those that begin with `#` say nothing. */
async function usersOf(given: string, root: string, folder: string): Promise<Record<string, string>> {
  const path = resolve(folder, given)
  const refuse = (why: string): UsageError => new UsageError(`--auth-file ${given}: ${why} (${path})`)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${error.code}`)
  })
  if (isServed(await realpath(path), await realpath(root)))
    throw refuse('it lies in the folder that is served; keep it outside')
  const users: Record<string, string> = Object.create(null)
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    if (colon < 1 || colon === line.length - 1) throw refuse(`line ${index + 1} must be name:password`)
    const name = line.slice(0, colon)
    if (name in users) throw refuse(`line ${index + 1}: ${name} is there already`)
    users[name] = line.slice(colon + 1)
  }
  return { ...users }
}
