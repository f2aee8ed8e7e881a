import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Middleware } from '@tsws/http'
import { offerOwnPackages } from './own-packages.ts'
import { StartError, UsageError } from './usage-error.ts'

/**
 * Loads the modules of `--use`, in the order given.
 *
 * @throws {UsageError} when a file is missing or its default export is no middleware
 * @throws {StartError} when a module fails while it is loaded; its own error is the cause
 */
export async function loadMiddleware(files: readonly string[], folder: string): Promise<Middleware[]> {
  const middleware: Middleware[] = []
  if (files.length > 0) offerOwnPackages()
  for (const file of files) {
    // One after the other: a module may rely on what an earlier one set up.
    middleware.push(...middlewareOf(await load(file, folder), file))
  }
  return middleware
}

async function load(file: string, folder: string): Promise<unknown> {
  const path = resolve(folder, file)
  if (!existsSync(path)) throw new UsageError(`--use ${file}: there is no such file (${path})`)
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    return module.default
  } catch (cause) {
    if (isCoded(cause) && cause.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new UsageError(
        `--use ${file}: Node ${process.versions.node} runs no such file. ` +
          'TypeScript needs Node 22.18 or later; elsewhere use a .js or .mjs file.',
      )
    }
    throw new StartError(`--use ${file}: the module failed while it was loaded`, { cause })
  }
}

function middlewareOf(exported: unknown, file: string): Middleware[] {
  const list: unknown[] = Array.isArray(exported) ? exported : [exported]
  if (list.length > 0 && list.every((entry) => typeof entry === 'function')) return list as Middleware[]
  const got = exported === undefined ? 'it has no default export' : `got ${kindOf(exported, list)}`
  throw new UsageError(
    `--use ${file}: the default export must be a middleware, (request, next) => response, or a list of them; ${got}`,
  )
}

function kindOf(exported: unknown, list: readonly unknown[]): string {
  if (!Array.isArray(exported)) return exported === null ? 'null' : typeof exported
  const index = list.findIndex((entry) => typeof entry !== 'function')
  return index < 0 ? 'an empty list' : `a list whose entry ${index} is ${typeof list[index]}`
}

function isCoded(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
