import { autocannon } from './autocannon.ts'
import type { LoadOptions, LoadResult } from './load.ts'
import { hasProgram } from '../programs.ts'
import { wrk } from './wrk.ts'

/** wrk where there is one; autocannon, which is far slower and so leaves a fast server half idle, where not. */
export function drive(options: LoadOptions): Promise<LoadResult> {
  return hasProgram('wrk') ? wrk(options) : autocannon(options)
}
