import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TswsBuild } from './peers.ts'

/**
 * Builds the packages that the bench measures, so that nobody times yesterday's dist. turbo rebuilds what changed.
 * @throws {Error} with what the build printed
 */
export function buildPackages({ root, source }: TswsBuild): void {
  if (source) return
  // An older revision may lack this folder: then everything is built.
  const filter = existsSync(join(root, 'apps/bench/package.json')) ? ['--filter=@tsws/bench^...'] : []
  const turbo = join(root, 'node_modules/.bin/turbo')
  const { status, stdout, stderr, error } = spawnSync(
    turbo,
    ['run', 'build', ...filter, '--output-logs=errors-only'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  if (status !== 0) {
    throw new Error(
      `the packages in ${root} do not build (--source runs them unbuilt):\n${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`,
    )
  }
}
