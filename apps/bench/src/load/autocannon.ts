import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../processes.ts'
import { PEERS } from '../settings.ts'
import type { LoadOptions, LoadResult } from './load.ts'

const PROGRAM = join(PEERS, 'load/autocannon.mjs')

/** Drives one HTTP/1.1 server with autocannon, in a process of its own on the generator's core. */
export async function autocannon(options: LoadOptions): Promise<LoadResult> {
  if (!existsSync(join(PEERS, 'node_modules/autocannon'))) {
    throw new Error(
      'no load generator: install wrk (Debian package wrk), or autocannon by `pnpm bench:setup`',
    )
  }
  const { stdout } = await run(process.execPath, [PROGRAM], {
    cpu: options.cpu,
    env: { BENCH_LOAD: JSON.stringify(options) },
    timeoutMs: options.durationMs + 20_000,
  })
  return JSON.parse(stdout) as LoadResult
}
