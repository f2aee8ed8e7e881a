import { delimiter } from 'node:path'
import { parseArguments } from './arguments.ts'
import { SWITCHES } from './known-options.ts'
import type { Flags } from './option-values.ts'
import { UsageError } from './usage-error.ts'

/**
 * Options of the command line from the environment: `TSWS_CLEAN_URLS=1` is `--clean-urls`. `PORT` counts where there is no
 * `TSWS_PORT`: hosts that start programs tell theirs by it. An empty variable says nothing.
 *
 * @throws {UsageError} naming the variable
 */
export function flagsFromEnvironment(environment: NodeJS.ProcessEnv): Flags {
  const flags: Record<string, unknown> = {}
  for (const name of NAMES) {
    const variable = variableOf(name, environment)
    const text = environment[variable]
    if (text !== undefined && text !== '') flags[name] = valueOf(name, text, variable)
  }
  if ((flags['tlsCert'] === undefined) !== (flags['tlsKey'] === undefined))
    throw new UsageError('TSWS_TLS_CERT and TSWS_TLS_KEY need each other')
  for (const [name, value] of Object.entries(flags)) check(name, value, variableOf(name, environment))
  return flags
}

const NAMES = [
  'root',
  'port',
  'host',
  'use',
  'log',
  'tls',
  'tlsNames',
  'tlsCert',
  'tlsKey',
  'tlsClientCa',
  'redirectPort',
  'redirectToPort',
  'acmeWebroot',
  'threads',
  'threadStrategy',
  'spa',
  'cleanUrls',
  'base',
  'listing',
  'immutable',
  'compress',
  'compressCache',
  'decodeRequests',
  'metrics',
  'metricsPath',
  'metricsFrom',
  'cors',
  'corsOrigin',
  'auth',
  'authFile',
  'config',
] as const

function variableOf(name: string, environment: NodeJS.ProcessEnv): string {
  const variable = `TSWS_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
  return name === 'port' && !environment[variable] ? 'PORT' : variable
}

function valueOf(name: string, text: string, variable: string): unknown {
  if (name === 'use') return text.split(delimiter).filter((file) => file !== '')
  if (!SWITCHES.includes(name)) return text
  if (/^(?:1|true|yes|on)$/i.test(text)) return true
  if (/^(?:0|false|no|off)$/i.test(text)) return false
  if (name === 'spa') return text
  throw new UsageError(`${variable} must be 1 or 0, got ${text}`)
}

/** By itself, as the command line would be; certificate and key, which need each other, were looked at. */
function check(name: string, value: unknown, variable: string): void {
  if (name === 'tlsCert' || name === 'tlsKey') return
  try {
    parseArguments([], { [name]: value })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(error.message.replace(/^--[a-z-]+/, variable))
  }
}
