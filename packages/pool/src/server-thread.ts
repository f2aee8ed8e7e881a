/** The program of a server pool's thread. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Counter } from './server-protocol.ts'
import type { MemberStart, ToMember } from './server-protocol.ts'
import { ServerRuntime } from './server-runtime.ts'

const { start, port, counters } = workerData as {
  start: MemberStart
  port: MessagePort
  counters: SharedArrayBuffer
}
const cells = new Int32Array(counters)

const runtime = new ServerRuntime(start, {
  send: (message) => port.postMessage(message),
  opened: () => void Atomics.add(cells, Counter.opened, 1),
  closed: () => void Atomics.add(cells, Counter.closed, 1),
  beat: () => void Atomics.add(cells, Counter.beats, 1),
})
await runtime.start()
port.on('message', (message: ToMember) => runtime.receive(message))

// On process.exit() and uncaught errors: connections that have come and were not looked at are given back.
process.on('exit', () => {
  Atomics.store(cells, Counter.ending, 1)
  for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
    const message = got.message as ToMember
    if (message.kind !== 'connection' || !message.socket) continue
    const { listener, socket } = message
    Atomics.add(cells, Counter.closed, 1)
    port.postMessage({ kind: 'returned', listener, socket }, [socket as unknown as ArrayBuffer])
  }
})
