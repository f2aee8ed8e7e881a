import type { Duplex } from 'node:stream'
import type { Connection } from './connection.ts'

// One set of listeners for every connection, which finds its own by the stream it is called on:
// closures of its own would cost each idle connection about a kilobyte.

const CONNECTION = Symbol('tsws.connection')

interface Attached extends Duplex {
  [CONNECTION]: Connection
}

const listeners = {
  data(this: Attached, bytes: Uint8Array): void {
    this[CONNECTION].receive(bytes)
  },
  end(this: Attached): void {
    this[CONNECTION].receiveEnd()
  },
  drain(this: Attached): void {
    this[CONNECTION].drain()
  },
  finish(this: Attached): void {
    this[CONNECTION].finished()
  },
  // A reset is the client's way of leaving. `close` follows, and says all there is to say.
  error(): void {},
  close(this: Attached): void {
    this[CONNECTION].gone()
  },
}

/** Lets a connection hear its stream. */
export function attach(stream: Duplex, connection: Connection): void {
  ;(stream as Attached)[CONNECTION] = connection
  for (const [event, listener] of entries) stream.on(event, listener as () => void)
}

/**
 * Stops listening, all but for errors: the stream is somebody else's now, and a reset before they
 * listen must not end the process. It is left as new: it flows when its next reader comes.
 */
export function detach(stream: Duplex): void {
  for (const [event, listener] of entries) if (event !== 'error') stream.off(event, listener as () => void)
  ;(stream as { readableFlowing: boolean | null }).readableFlowing = null
}

const entries = Object.entries(listeners)
