/** The program of a server pool's process, where threads cannot be used: a worker of `node:cluster`. */
import type { Socket } from 'node:net'
import type { FromMember, MemberStart, ToMember } from './server-protocol.ts'
import { ServerRuntime } from './server-runtime.ts'

/**
 * Closed connections are told this much later (ms), many in one message, if not with a new one before: a burst of
 * connections right after another must not be spread by what was open then.
 */
const TELL_AFTER = 2
let telling: NodeJS.Timeout | undefined
let closed = 0
const send = (message: FromMember): void => {
  if (process.connected) process.send!(message)
}

// Signals go to the whole group; the pool alone decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) process.on(signal, () => undefined)
// The pool is gone: nothing is left to serve for.
process.on('disconnect', () => process.exit(0))

process.once('message', (start: MemberStart) => {
  const runtime = new ServerRuntime(start, {
    send: (message) => {
      if (message.kind === 'drained') send({ kind: 'beat', closed }) // the last count
      send(message)
    },
    opened: () => undefined,
    closed: () => {
      closed++
      telling ??= setTimeout(() => {
        telling = undefined
        send({ kind: 'beat', closed })
      }, TELL_AFTER)
    },
    beat: () => send({ kind: 'beat', closed }),
  })
  const receive = (message: ToMember, handle: unknown): void => {
    if (message.kind === 'connection') send({ kind: 'taken', closed })
    runtime.receive(message, handle as Socket | undefined)
  }
  void runtime.start().then(() => process.on('message', receive))
})

send({ kind: 'hello' })
