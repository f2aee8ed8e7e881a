import { cac } from 'cac'
import type { CAC } from 'cac'
import { DEFAULT_HOST, DEFAULT_PORT } from './option-values.ts'
import { suggest, UsageError } from './usage-error.ts'

/** Options that are on or off; `--no-` before their name takes back what stands in the environment or a file. */
export const SWITCHES: readonly string[] = [
  'spa',
  'cleanUrls',
  'listing',
  'immutable',
  'compress',
  'decodeRequests',
  'metrics',
  'tls',
  'cors',
]

const OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['-p, --port <number>', `TCP port, 0 for any free one (default: ${DEFAULT_PORT})`],
  ['--host <address>', `address to listen on, 0.0.0.0 for all (default: ${DEFAULT_HOST})`],
  ['--use <file>', 'module whose default export is a middleware, or a list of them; may be repeated'],
  ['--log <format>', 'access log: pretty, json or off (default: pretty on a terminal, json elsewhere)'],
  ['--tls', 'serve HTTPS for development, with a certificate by a local authority'],
  ['--tls-names <names>', 'more names it is for, with commas between: app.test,box.local (implies --tls)'],
  ['--tls-trust', 'show how browsers learn to trust that authority'],
  ['--tls-cert <file>', 'certificate chain (PEM): serve HTTPS; needs --tls-key'],
  ['--tls-key <file>', 'private key (PEM)'],
  ['--tls-client-ca <file>', 'only clients with a certificate by these authorities (PEM) come in'],
  ['--redirect-port <number>', 'a second port, which sends plain HTTP to HTTPS'],
  ['--redirect-to-port <number>', 'where it sends to, if something forwards that port to ours'],
  ['--acme-webroot <dir>', 'folder whose .well-known/acme-challenge it serves (default: root)'],
  [
    '--threads <number>',
    'threads that serve; auto: one for each core (default: auto, but 1 on a terminal or with --use)',
  ],
  [
    '--thread-strategy <name>',
    'how connections reach them: auto, transfer, reusePort or cluster (default: auto)',
  ],
  ['--spa', 'answer pages that are not found with index.html (single-page applications)'],
  ['--clean-urls', 'answer /about with about.html, and redirect /about.html to /about'],
  ['--base <path>', 'path under which the folder appears (default: /)'],
  ['--listing', 'show folders that have no index.html as a list'],
  ['--immutable', 'the files never change while the server runs: look at each only once'],
  ['--no-compress', 'send nothing compressed'],
  ['--compress-cache <dir>', 'keep what was compressed in this folder, for the next start'],
  ['--decode-requests', 'middleware reads request bodies decoded by their Content-Encoding (gzip, br, zstd)'],
  ['--metrics', 'answer /metrics in the format of Prometheus'],
  ['--metrics-path <path>', 'another path for them'],
  [
    '--metrics-from <addresses>',
    'who may read them: addresses, networks, loopback, private (default: loopback)',
  ],
  ['--cors', 'let pages of every origin read answers'],
  [
    '--cors-origin <origins>',
    'let pages of these origins read answers; with commas between, may be repeated',
  ],
  ['--auth-file <file>', 'let in who knows a name and password of this file; lines name:password, or hashes'],
  ['--config <file>', 'TOML file for what the command line leaves open, header rules included'],
  ['-h, --help', 'show this help'],
  ['-v, --version', 'show the version'],
]

/** The command line as cac knows it: it takes words apart, what they mean is for `option-values.ts`. */
export function describe(): CAC {
  const cli = cac('tsws')
  const command = cli.command('[root]')
  for (const [flags, description] of OPTIONS) command.option(flags, description)
  return cli
}

export function helpText(cli: CAC): string {
  const options = cli.commands[0]?.options ?? []
  const width = Math.max(...options.map(({ rawName }) => rawName.length))
  const lines = options.map(({ rawName, description }) => `  ${rawName.padEnd(width)}  ${description}`)
  return `Usage: tsws [root] [options]

Serves a folder over HTTP/1.1. Without a root, the folder you stand in.

Options:
${lines.join('\n')}

Examples:
  tsws ./dist
  tsws ./dist --port 3000 --host 0.0.0.0
  tsws --use api.ts --log json
  tsws ./dist --tls
  tsws ./dist --spa --threads auto --compress-cache ~/.cache/tsws
`
}

/**
 * @param given what cac took from the command line
 * @throws {UsageError} for an option that is unknown, or stands without its value
 */
export function refuseUnknown(cli: CAC, flags: Record<string, unknown>): void {
  const options = cli.commands[0]?.options ?? []
  const known = options.flatMap(({ names }) => names)
  const unknown = Object.keys(flags).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const near = suggest(
      kebab(unknown),
      known.map(kebab).filter((name) => name.length > 1),
    )
    const hint = near === null ? '' : ` Did you mean ${dashes(near)}?`
    throw new UsageError(`unknown option ${dashes(kebab(unknown))}.${hint} tsws --help lists all options.`)
  }
  for (const { name, negated, required, rawName } of options) {
    if (required && typeof flags[name] === 'boolean') {
      throw new UsageError(`--${kebab(name)} needs a value: ${rawName}`)
    }
    if (!required && !negated && !SWITCHES.includes(name) && flags[name] === false)
      throw new UsageError(`unknown option --no-${kebab(name)}.`)
  }
}

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function dashes(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}

/**
 * Takes `--spa=app.html` out of the words, and the likes of it: cac would take what is behind the `=` of a switch for the
 * folder. Whether that switch has values is for whoever reads it to say.
 */
export function withoutSwitchValues(words: readonly string[]): {
  words: string[]
  values: Record<string, string>
} {
  const values: Record<string, string> = {}
  const others = words.filter((word) => {
    const name = SWITCHES.find((each) => word.startsWith(`--${kebab(each)}=`))
    if (name !== undefined) values[name] = word.slice(word.indexOf('=') + 1)
    return name === undefined
  })
  return { words: others, values }
}
