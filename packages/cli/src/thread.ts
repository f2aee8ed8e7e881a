// One thread of `tsws --threads`. Only what is needed to load the rest fast is loaded with it.
import * as nodeModule from 'node:module'
import type { StartThread } from '@tsws/pool'
import type { ServeOrder } from './serve-order.ts'

export const startThread: StartThread<ServeOrder> = async (context) => {
  // Each thread has to be told: the code that the main thread compiled at an earlier start is used again.
  nodeModule.enableCompileCache?.() // Deno has none
  const { serveInThread } = await import('./serve-in-thread.ts')
  return serveInThread(context)
}
