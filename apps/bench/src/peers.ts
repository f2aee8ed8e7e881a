import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { caddyfile, nginxConf } from './native-config.ts'
import { PEERS, SERVERS } from './settings.ts'

/** What a server does for a scenario. */
export type App = 'hello' | 'echo' | 'files' | 'compress' | 'compress-json' | 'compress-json-6'

/** What a scenario may ask for beyond the app. */
export type Ability =
  | 'tls'
  | 'h2c'
  | 'precompressed'
  | 'pipelining'
  | 'close'
  | 'validators'
  | 'workers'
  | 'npm'
  | 'command'

/** How a server is to be started. */
export interface ServerSpec {
  readonly app: App
  readonly port: number
  readonly root: string
  readonly scratch: string
  readonly cert?: string
  readonly key?: string
  readonly http2: boolean
  /** The scenario closes every connection after one answer: only the echo floor must be told. */
  readonly close: boolean
  readonly workers: number
  readonly tsws: TswsBuild
}

/** The checkout to take tsws from, and whether to run its sources or its dist. */
export interface TswsBuild {
  readonly root: string
  readonly source: boolean
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Peer {
  readonly name: string
  readonly apps: readonly App[]
  readonly abilities: readonly Ability[]
  /** Why it cannot run here, or null. */
  absent(tsws: TswsBuild): string | null
  version(): string
  command(spec: ServerSpec): Command
  /** What `npm install` of it means, for the size of an installation. */
  readonly packages?: readonly string[]
  /** The command that comes with them. */
  readonly installed?: InstalledCommand
}

/** A command that serves a folder, as npm installs it. */
export interface InstalledCommand {
  /** Its program, below `node_modules`. */
  readonly program: string
  /** What it has to be told and nothing more: it is measured as it ships. */
  args(root: string, host: string, port: number): readonly string[]
}

const NODE = process.execPath
const BUN = join(PEERS, 'node_modules/.bin/bun')
const DENO = join(PEERS, 'node_modules/.bin/deno')

export const PEER_LIST: readonly Peer[] = [
  {
    name: 'tsws',
    apps: ['hello', 'echo', 'files', 'compress', 'compress-json', 'compress-json-6'],
    abilities: ['tls', 'pipelining', 'close', 'precompressed', 'workers', 'validators'],
    absent: (tsws) =>
      missing(join(tsws.root, 'packages/engine', built(tsws, 'index')), 'not built yet: a run builds it'),
    version: () => 'this checkout',
    command: (spec) => node(join(SERVERS, 'tsws.mjs'), spec, condition(spec.tsws)),
  },
  {
    name: 'tsws-cli',
    apps: ['hello', 'files', 'compress'],
    abilities: ['pipelining', 'close', 'precompressed', 'tls', 'validators'],
    absent: (tsws) =>
      missing(join(tsws.root, 'packages/cli', built(tsws, 'bin')), 'not built yet: a run builds it'),
    version: () => 'this checkout',
    command: (spec) => ({
      file: NODE,
      args: [
        ...condition(spec.tsws),
        join(spec.tsws.root, 'packages/cli', built(spec.tsws, 'bin')),
        spec.root,
        '--port',
        String(spec.port),
        '--host',
        '127.0.0.1',
        '--log',
        'off',
        ...(spec.cert === undefined ? [] : ['--tls-cert', spec.cert, '--tls-key', spec.key!]),
      ],
    }),
    packages: ['@tsws/cli'],
    installed: {
      program: '@tsws/cli/dist/bin.js',
      args: (root, host, port) => [root, '--host', host, '--port', String(port)],
    },
  },
  {
    name: 'net-echo',
    apps: ['hello'],
    abilities: ['tls', 'close'],
    absent: () => null,
    version: () => process.version,
    command: (spec) => node(join(SERVERS, 'net.mjs'), spec),
  },
  {
    name: 'node-http',
    apps: ['hello', 'echo', 'compress', 'compress-json', 'compress-json-6'],
    abilities: ['tls', 'h2c', 'pipelining', 'close', 'workers'],
    absent: () => null,
    version: () => process.version,
    command: (spec) => node(join(SERVERS, 'node-http.mjs'), spec),
  },
  npmPeer('fastify', {
    apps: ['hello', 'echo', 'files', 'compress', 'compress-json', 'compress-json-6'],
    abilities: ['tls', 'h2c', 'pipelining', 'close', 'precompressed', 'validators'],
    packages: ['fastify'],
  }),
  npmPeer('hono', {
    module: '@hono/node-server',
    apps: ['hello', 'echo', 'files', 'compress', 'compress-json', 'compress-json-6'],
    abilities: ['tls', 'h2c', 'pipelining', 'close', 'precompressed'],
    packages: ['hono', '@hono/node-server'],
  }),
  npmPeer('srvx', {
    apps: ['hello', 'echo', 'files'],
    abilities: ['tls', 'pipelining', 'close', 'validators'],
    packages: ['srvx'],
  }),
  npmPeer('sirv', {
    apps: ['hello', 'files'],
    abilities: ['tls', 'pipelining', 'close', 'precompressed', 'validators'],
    packages: ['sirv-cli'],
    installed: {
      program: 'sirv-cli/bin.js',
      args: (root, host, port) => [root, '--host', host, '--port', String(port)],
    },
  }),
  npmPeer('http-server', {
    apps: ['hello', 'files'],
    abilities: ['tls', 'pipelining', 'close', 'precompressed', 'validators'],
    packages: ['http-server'],
    installed: {
      program: 'http-server/bin/http-server',
      args: (root, host, port) => [root, '-a', host, '-p', String(port)],
    },
  }),
  {
    name: 'bun',
    apps: ['hello', 'echo', 'files', 'compress'],
    abilities: ['tls', 'pipelining', 'close', 'workers'],
    absent: () => missing(BUN, 'not installed: pnpm bench:setup'),
    version: () => numberIn(versionOf(BUN, '--version')),
    command: (spec) => ({ file: BUN, args: [join(PEERS, 'servers/bun.mjs')], env: environment(spec) }),
    packages: ['bun'],
  },
  {
    name: 'deno',
    apps: ['hello', 'echo', 'files', 'compress'],
    abilities: ['tls', 'h2c', 'pipelining', 'close'],
    absent: () => missing(DENO, 'not installed: pnpm bench:setup'),
    version: () => numberIn(versionOf(DENO, '--version')),
    command: (spec) => ({
      file: DENO,
      args: ['run', '--allow-all', '--no-lock', '--no-config', join(PEERS, 'servers/deno.mjs')],
      env: { ...environment(spec), DENO_NO_UPDATE_CHECK: '1', DENO_DIR: join(spec.scratch, 'deno') },
    }),
    packages: ['deno'],
  },
  {
    name: 'nginx',
    apps: ['hello', 'files', 'compress', 'compress-json', 'compress-json-6'],
    abilities: ['tls', 'h2c', 'pipelining', 'close', 'precompressed', 'workers', 'validators'],
    absent: () =>
      versionOf('nginx', '-v') === '' ? 'not installed: pnpm bench:setup, or apt-get install nginx' : null,
    version: () => numberIn(versionOf('nginx', '-v')),
    command(spec) {
      const prefix = configFolder(spec)
      writeFileSync(join(prefix, 'nginx.conf'), nginxConf(spec, prefix))
      return { file: 'nginx', args: ['-p', prefix, '-e', 'stderr', '-c', join(prefix, 'nginx.conf')] }
    },
  },
  {
    name: 'caddy',
    apps: ['hello', 'files', 'compress'],
    abilities: ['tls', 'h2c', 'pipelining', 'close', 'precompressed', 'workers', 'validators'],
    absent: () =>
      versionOf('caddy', 'version') === ''
        ? 'not installed: pnpm bench:setup, or apt-get install caddy'
        : null,
    version: () => numberIn(versionOf('caddy', 'version')),
    command(spec) {
      const prefix = configFolder(spec)
      writeFileSync(join(prefix, 'Caddyfile'), caddyfile(spec))
      return {
        file: 'caddy',
        args: ['run', '--config', join(prefix, 'Caddyfile'), '--adapter', 'caddyfile'],
        env: {
          GOMAXPROCS: String(spec.workers),
          XDG_DATA_HOME: prefix,
          XDG_CONFIG_HOME: prefix,
          HOME: prefix,
        },
      }
    },
  },
]

/**
 * The peers of these names, in the order of the list.
 * @throws {TypeError} naming what is unknown
 */
export function peersNamed(names: readonly string[]): readonly Peer[] {
  const known = PEER_LIST.map(({ name }) => name)
  for (const name of names) {
    if (!known.includes(name))
      throw new TypeError(`--peers: no peer "${name}"; there are ${known.join(', ')}`)
  }
  return PEER_LIST.filter(({ name }) => names.includes(name))
}

/** A server program in `peers/servers`, on this Node, that needs one package of `peers/node_modules`. */
function npmPeer(
  name: string,
  about: {
    module?: string
    apps: readonly App[]
    abilities: readonly Ability[]
    packages: readonly string[]
    installed?: InstalledCommand
  },
): Peer {
  const folder = join(PEERS, 'node_modules', about.module ?? name)
  return {
    name,
    apps: about.apps,
    abilities: about.abilities,
    packages: about.packages,
    ...(about.installed && { installed: about.installed }),
    absent: () => missing(folder, 'not installed: pnpm bench:setup'),
    version: () =>
      [...new Set([name, about.module ?? name])]
        .map((module) => packageVersion(module))
        .join(' on node-server '),
    command: (spec) => node(join(PEERS, 'servers', `${name}.mjs`), spec),
  }
}

function node(program: string, spec: ServerSpec, flags: readonly string[] = []): Command {
  return { file: NODE, args: [...flags, program], env: environment(spec) }
}

function environment(spec: ServerSpec): Record<string, string> {
  return { BENCH_SERVER: JSON.stringify(spec), NODE_ENV: 'production' }
}

function condition(tsws: TswsBuild): string[] {
  return tsws.source ? ['--conditions=@tsws/source'] : []
}

function built(tsws: TswsBuild, name: string): string {
  return tsws.source ? `src/${name}.ts` : `dist/${name}.js`
}

function missing(path: string, reason: string): string | null {
  return existsSync(path) ? null : reason
}

function configFolder(spec: ServerSpec): string {
  const prefix = join(spec.scratch, String(spec.port))
  mkdirSync(prefix, { recursive: true })
  return prefix
}

function packageVersion(module: string): string {
  const path = join(PEERS, 'node_modules', module, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

function numberIn(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? text
}

/** What the program says its version is; empty when it cannot be run. nginx says it on stderr. */
function versionOf(file: string, flag: string): string {
  try {
    const out = execFileSync('sh', ['-c', 'exec "$0" "$1" 2>&1', file, flag], { encoding: 'utf8' })
    return out.split('\n')[0]!.trim()
  } catch {
    return ''
  }
}
