/** The program of a server pool's thread. */
import { workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Counter } from './server-protocol.ts'
import type { MemberStart, ToMember } from './server-protocol.ts'
import { ServerRuntime } from './server-runtime.ts'

const { start, port, counters } = workerData as { start: MemberStart; port: MessagePort; counters: SharedArrayBuffer }
const cells = new Int32Array(counters)

const runtime = new ServerRuntime(start, {
  send: (message) => port.postMessage(message),
  opened: () => void Atomics.add(cells, Counter.opened, 1),
  closed: () => void Atomics.add(cells, Counter.closed, 1),
  beat: () => void Atomics.add(cells, Counter.beats, 1),
})
await runtime.start()
port.on('message', (message: ToMember) => runtime.receive(message))
