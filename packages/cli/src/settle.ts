import { parseArguments } from './arguments.ts'
import type { Arguments, ServeArguments } from './arguments.ts'
import { flagsFromEnvironment } from './environment.ts'
import type { Flags } from './option-values.ts'

/**
 * The command line, and beneath it, for what it leaves open, the environment, then the configuration file, then the
 * defaults.
 *
 * @param args what `argv` says by itself
 * @param folder where a relative path of the file begins
 * @throws {UsageError} that names the variable, or the file and the key
 */
export async function settle(
  argv: readonly string[],
  args: ServeArguments,
  environment: NodeJS.ProcessEnv = process.env,
  folder: string = process.cwd(),
): Promise<ServeArguments> {
  const fromEnvironment = flagsFromEnvironment(environment)
  const config = args.config ?? (fromEnvironment['config'] as string | undefined)
  if (config === undefined) {
    return Object.keys(fromEnvironment).length === 0 ? args : serveOf(argv, fromEnvironment)
  }
  // Loaded only where there is a file: the parser of TOML would lengthen every start.
  const { readConfigFile } = await import('./config-file.ts')
  const file = await readConfigFile(config, folder)
  const settled = serveOf(argv, { ...file.flags, ...fromEnvironment })
  return { ...settled, config, more: file.more }
}

function serveOf(argv: readonly string[], flags: Flags): ServeArguments {
  const parsed = parseArguments(argv, flags) as Extract<Arguments, { kind: 'serve' }>
  return parsed.serve
}
