// count.ts
import { Pool } from '@tsws/pool'
import type * as words from './words.ts'

const pool = new Pool<typeof words>(new URL('./words.ts', import.meta.url), { maxThreads: 2 })

// Typed by the exports: a wrong name or argument does not compile.
console.log(await pool.run('countWords', ['to be or not to be']))
console.log(await pool.map('countWords', ['one', 'one two', 'one two three']))

// An async generator streams; leaving the loop stops it in the thread.
for await (const number of await pool.run('numbersTo', [1e9])) if (number === 3) break

// A task that hangs is stopped for real: its thread is ended and replaced, no other task fails.
await pool.run('countWords', ['a b'], { timeout: 1000, signal: AbortSignal.timeout(5000) })

await pool.close()
