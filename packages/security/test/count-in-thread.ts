// A thread of its own that counts one key in memory it was given.
import { parentPort, workerData } from 'node:worker_threads'
import { memoryStore } from '../src/memory-store.ts'

const { memory, key, times, policy } = workerData as {
  memory: SharedArrayBuffer
  key: string
  times: number
  policy: { limit: number; window: number }
}
const store = memoryStore({ memory })(policy)
let passed = 0
for (let at = 0; at < times; at++) if ((store.count(key) as { used: number }).used <= policy.limit) passed++
parentPort?.postMessage(passed)
