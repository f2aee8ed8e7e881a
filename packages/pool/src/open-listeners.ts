import { MessageChannel } from 'node:worker_threads'
import type { Transferable } from 'node:worker_threads'
import type { Seat } from './seat.ts'
import type { ListenAt } from './server-protocol.ts'
import { transfersSockets } from './server-strategy.ts'

/**
 * Lets a thread listen for itself (`reusePort`): on sockets of its own, or on those of the thread whose place it takes,
 * where they can be handed on. Resolves when it does.
 */
export async function openListeners(
  seat: Seat,
  from: Seat | undefined,
  at: readonly ListenAt[],
): Promise<void> {
  if (!from || from.state !== 'serving' || !transfersSockets()) {
    seat.member.send({ kind: 'listen', at })
  } else {
    // Straight from thread to thread: a listener that passed through here would accept meanwhile.
    const { port1, port2 } = new MessageChannel()
    seat.member.send({ kind: 'takeListeners', port: port2 }, [port2 as Transferable])
    from.member.send({ kind: 'handListeners', port: port1 }, [port1 as Transferable])
    // It died before it could: there is nothing left to take over.
    void from.gone.then(() => seat.state === 'starting' && seat.member.send({ kind: 'listen', at }))
  }
  await seat.listening
}
