import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sample } from '../figures.ts'
import type { Peer } from '../peers.ts'
import { run } from '../processes.ts'
import type { Bench } from '../servers.ts'
import { removeTemporaryFolder, temporaryFolder } from '../temporary.ts'
import type { Scenario } from './scenario.ts'

const INSTALL_TIMEOUT_MS = 300_000

/** The same in every round: measured once. */
const measured = new Map<string, Sample>()

/** What `npm install` puts on the disk: bytes of files and number of packages. tsws comes from its packed tarballs. */
export const INSTALL: Scenario = {
  name: 'install',
  title: 'npm install into an empty folder',
  main: 'installed',
  figures: ['packages'],
  app: 'hello',
  needs: ['npm'],
  async measure(bench, peer) {
    const known = measured.get(peer.name)
    if (known !== undefined) return known
    const sample = await install(bench, peer)
    measured.set(peer.name, sample)
    return sample
  },
}

async function install(bench: Bench, peer: Peer): Promise<Sample> {
  const folder = temporaryFolder()
  try {
    const modules = await installInto(folder, bench, peer)
    return { installed: bytesBelow(modules), packages: countPackages(modules) }
  } finally {
    removeTemporaryFolder(folder)
  }
}

/** What its users do; resolves with the `node_modules` that came of it. */
export async function installInto(folder: string, bench: Bench, peer: Peer): Promise<string> {
  const options = { cpu: bench.settings.loadCpu, timeoutMs: INSTALL_TIMEOUT_MS }
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const ours = peer.packages?.[0]?.startsWith('@tsws/') ?? false
  const packages = ours ? await pack(bench, folder) : peer.packages!
  const quiet = ['--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline']
  await run('npm', ['install', ...quiet, ...packages], { ...options, cwd: folder })
  return join(folder, 'node_modules')
}

/** Packs what we publish, as the registry would get it. */
async function pack(bench: Bench, folder: string): Promise<string[]> {
  const tarballs: string[] = []
  for (const parent of ['packages', 'apps']) {
    for (const name of readdirSync(join(bench.tsws.root, parent))) {
      const path = join(bench.tsws.root, parent, name)
      if (isPrivate(path)) continue
      const before = new Set(readdirSync(folder))
      await run('pnpm', ['pack', '--pack-destination', folder], {
        cpu: bench.settings.loadCpu,
        timeoutMs: INSTALL_TIMEOUT_MS,
        cwd: path,
      })
      const made = readdirSync(folder).find((file) => file.endsWith('.tgz') && !before.has(file))
      if (made === undefined) throw new Error(`pnpm pack made no tarball in ${path}`)
      tarballs.push(join(folder, made))
    }
  }
  return tarballs
}

function isPrivate(folder: string): boolean {
  return (
    (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { private?: boolean }).private === true
  )
}

/** What the disk gives up for it, as du counts: whole blocks, folders included. */
function bytesBelow(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    bytes += lstatSync(join(entry.parentPath, entry.name)).blocks * 512 // stat(2): st_blocks counts 512 bytes
  }
  return bytes
}

/** Folders directly in a node_modules (or in a scope of it) that have a package.json. */
export function countPackages(modules: string): number {
  return readdirSync(modules, { withFileTypes: true, recursive: true }).filter(
    (entry) =>
      entry.isFile() &&
      entry.name === 'package.json' &&
      /\/node_modules\/(@[^/]+\/)?[^/@.][^/]*$/.test(entry.parentPath),
  ).length
}
