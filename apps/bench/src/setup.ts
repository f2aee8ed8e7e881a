import { spawnSync } from 'node:child_process'
import { PEERS } from './settings.ts'

// `pnpm bench:setup`: what can be installed here is installed; what can't is named, and the bench runs without it.

/** Debian's packages: two servers and two load generators. */
const DEBIAN = ['nginx', 'caddy', 'wrk', 'nghttp2-client', 'openssl']

const failed = [...installPeers(), ...installDebian()]
for (const line of failed) console.error(`not installed: ${line}`)
if (failed.length === 0) console.log('Everything is here. pnpm bench list shows what there is to run.')

/** npm, not pnpm: this folder is no member of the workspace, and shall not become one. */
function installPeers(): string[] {
  const ok = succeeds('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], PEERS)
  return ok ? [] : ['the npm peers (npm install failed in apps/bench/peers)']
}

function installDebian(): string[] {
  if (!succeeds('sh', ['-c', 'command -v apt-get >/dev/null']))
    return DEBIAN.map((name) => `${name}: no apt-get here`)
  if (process.getuid?.() !== 0)
    return DEBIAN.filter(lacking).map((name) => `${name}: run as root, or apt-get install ${name}`)
  const wanted = DEBIAN.filter(lacking)
  if (wanted.length === 0) return []
  succeeds('apt-get', ['update', '-q'])
  // One by one: a package that this Debian lacks shall not keep the others away.
  return wanted.filter(
    (name) => !succeeds('apt-get', ['install', '-y', '-q', '--no-install-recommends', name]),
  )
}

function lacking(name: string): boolean {
  return !succeeds('sh', ['-c', `dpkg -s ${name} 2>/dev/null | grep -q '^Status: install ok'`])
}

function succeeds(command: string, args: readonly string[], cwd?: string): boolean {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0
}
