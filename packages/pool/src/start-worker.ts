import { performance } from 'node:perf_hooks'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { ResolvedPoolOptions } from './options.ts'
import type { ThreadStart } from './protocol.ts'
import { SHARED_BYTES, Slots } from './slots.ts'

export interface StartedWorker {
  readonly worker: Worker
  readonly port: MessagePort
  readonly slots: Slots
}

/** Starts a task thread: it loads `module` and says so through the port. It does not keep the process alive. */
export function startWorker(program: URL, module: string, options: ResolvedPoolOptions): StartedWorker {
  const { port1, port2 } = new MessageChannel()
  const memory = new SharedArrayBuffer(SHARED_BYTES)
  const start: ThreadStart = {
    tswsPool: 'task',
    port: port2,
    memory,
    module,
    concurrency: options.concurrency,
    data: options.data,
    timeOrigin: performance.timeOrigin,
    spin: options.spin,
    watchHeap: options.maxThreadHeap !== Infinity,
  }
  const worker = new Worker(program, {
    workerData: start,
    transferList: [port2],
    name: options.name,
    ...(options.resourceLimits && { resourceLimits: options.resourceLimits }),
    ...(options.env && { env: options.env }),
    ...(options.argv && { argv: [...options.argv] }),
    ...(options.execArgv && { execArgv: [...options.execArgv] }),
  })
  return { worker, port: port1, slots: new Slots(memory) }
}
