import { afterEach } from 'vitest'
import { Pool } from '../src/index.ts'
import type { PoolOptions } from '../src/index.ts'
import type * as tasks from './fixtures/tasks.ts'

export type Tasks = typeof tasks

/** The module that the pools of these tests run. */
export const url = new URL('./fixtures/tasks.ts', import.meta.url)

const opened: Pool<Tasks>[] = []

/** A pool of these tasks, closed by force at the end of the test. */
export function open(options?: PoolOptions): Pool<Tasks> {
  const pool = new Pool<Tasks>(url, options)
  opened.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((pool) => pool.close({ force: true })))
})
