import type { Duplex } from 'node:stream'
import type { OpenSocket } from './node-socket.ts'

/**
 * Tells whether a client that is being sent to takes anything at all. Node tells of a write only
 * when all of it is with the kernel, which for a megabyte to a slow phone is minutes; the queue of
 * the handle below shrinks with every packet. Under TLS that is the socket's own handle; of streams
 * without one whole writes count.
 */
export class WriteProgress {
  #seen = -1

  /** True when something moved since the last look. */
  moved(stream: Duplex): boolean {
    const left = queueOf(stream)
    const moved = left !== this.#seen
    this.#seen = left
    return moved
  }
}

function queueOf(stream: Duplex): number {
  const { _handle } = stream as Partial<OpenSocket>
  const socket = _handle?._parent ?? _handle
  return stream.writableLength * 2 ** 20 + (socket?.writeQueueSize ?? 0)
}
