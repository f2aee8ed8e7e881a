import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { parseArguments } from './arguments.ts'
import type { ServerSettings } from './arguments.ts'
import { isTable, KEYS } from './config-keys.ts'
import { kebab } from './known-options.ts'
import type { Flags } from './option-values.ts'
import { suggest, UsageError } from './usage-error.ts'

/** What a configuration file says. */
export interface FileSettings {
  /** Values of options of the command line, paths in them absolute. */
  readonly flags: Flags
  /** The rest of the server's configuration. */
  readonly more: ServerSettings
}

/**
 * Reads `tsws.toml`. Its keys are the options of the command line in camel case, those of `serveStatic`, and a few of
 * `startServer`; its paths begin at the folder it lies in.
 *
 * @param path as typed
 * @param folder where `path` begins
 * @throws {UsageError} naming the file, the line or the key, and what was expected
 */
export async function readConfigFile(path: string, folder: string): Promise<FileSettings> {
  const location = resolve(folder, path)
  const text = await readFile(location, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${error.code}`
    throw new UsageError(`--config ${path}: ${why} (${location})`)
  })
  return settingsOf(parseToml(text, path), path, dirname(location))
}

type Table = Record<string, unknown>

function parseToml(text: string, path: string): Table {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [reason] = error.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw new UsageError(`${path}:${error.line}:${error.column}: ${reason}`)
  }
}

function settingsOf(table: Table, path: string, folder: string): FileSettings {
  const flags: Record<string, unknown> = {}
  const site: Table = {}
  const more: Table = {}
  for (const [key, value] of Object.entries(table)) {
    const known = KEYS[key]
    if (known === undefined) throw new UsageError(`${path}: ${unknownKey(key)}`)
    const wrong = known.refuse(value)
    if (wrong !== null) throw new UsageError(`${path}: ${key} must be ${wrong}, got ${shown(value)}`)
    if (known.part === 'option') {
      flags[key] = PATHS.has(key) ? absolute(value, folder) : value
      checkOption(key, flags[key], path)
    } else if (known.part === 'static') site[key] = withoutFalse(key, value)
    else more[key] = key === 'errorPage' && value === false ? null : value
  }
  if ((flags['tlsCert'] === undefined) !== (flags['tlsKey'] === undefined))
    throw new UsageError(`${path}: tlsCert and tlsKey need each other`)
  if (Object.keys(site).length > 0) more['static'] = site
  return { flags, more: more as ServerSettings }
}

const PATHS: ReadonlySet<string> = new Set([
  'root',
  'use',
  'tlsCert',
  'tlsKey',
  'tlsClientCa',
  'acmeWebroot',
  'compressCache',
  'authFile',
])

function absolute(value: unknown, folder: string): unknown {
  return Array.isArray(value)
    ? value.map((path) => resolve(folder, path as string))
    : resolve(folder, value as string)
}

/** What the command line checks of its words holds for the file; certificate and key come in a pair. */
function checkOption(key: string, value: unknown, path: string): void {
  if (key === 'tlsCert' || key === 'tlsKey') return
  try {
    parseArguments([], { [key]: value })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${path}: ${error.message.replace(/^--[a-z-]+/, key)}`)
  }
}

/** TOML has no null: a field, or a rule's value, that is to be taken away is `false`. */
function withoutFalse(key: string, value: unknown): unknown {
  if (key === 'cacheControl' && Array.isArray(value)) return value.map(falseToNull)
  if (key !== 'headers') return value
  return (value as Table[]).map((rule) =>
    isTable(rule['headers']) ? { ...rule, headers: falseToNull(rule['headers'] as Table) } : rule,
  )
}

function falseToNull(table: Table): Table {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name, value === false ? null : value]),
  )
}

function unknownKey(key: string): string {
  const names = Object.keys(KEYS)
  const near =
    names.find((name) => kebab(name) === key.toLowerCase().replaceAll('_', '-')) ?? suggest(key, names)
  if (near !== null) return `there is no key ${key}. Did you mean ${near}?`
  return `there is no key ${key}; there are ${names.join(', ')}`
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
