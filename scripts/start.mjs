// `pnpm start` and `pnpm --filter cli start`: builds what the command `tsws` needs, then becomes it:
// one process, so that a signal reaches the server itself.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, WORKSPACE } from './build.mjs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const bin = join(WORKSPACE, 'node_modules', '.bin')

if (!existsSync(bin)) stop('nothing is installed yet. `npx -y pnpm@12 start` installs, builds and starts.')
if (major < 22 || (major === 22 && minor < 12)) {
  // pnpm puts the workspace's own Node first on the path; this is for those who call the script by hand.
  stop(
    `Node ${process.versions.node} is too old. Run \`npx -y pnpm@12 start\`, or ${join(bin, 'node')} scripts/start.mjs`,
  )
}

await build('@tsws/cli').catch((error) => stop(error.message))

// pnpm runs a script in its package's folder; a path is meant from where the person stands.
process.chdir(process.env.INIT_CWD ?? process.cwd())
const cli = join(WORKSPACE, 'packages', 'cli')
const { main } = await import(pathToFileURL(join(cli, 'dist', 'index.js')).href)
// `pnpm start` at the top, with no folder, shows the welcome site; the command itself serves the current folder.
const isTop = process.env.npm_package_name === 'tsws'
await main(process.argv.slice(2), isTop ? { defaultRoot: join(cli, 'welcome') } : {})

/** @returns {never} */
function stop(message) {
  process.stderr.write(`tsws: ${message}\n`)
  process.exit(1)
}
