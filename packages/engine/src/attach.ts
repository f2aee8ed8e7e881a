import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Connection } from './connection.ts'
import { canReadDirectly, readAsStream, readDirectly } from './node-socket.ts'
import { keepAlone, keepBytes } from './read-arena.ts'

// One set of listeners for every connection, which finds its own by the stream it is called on:
// closures of its own would cost each idle connection about a kilobyte.

const CONNECTION = Symbol('tsws.connection')

interface Attached extends Duplex {
  [CONNECTION]: Connection
}

const listeners = {
  end(this: Attached): void {
    this[CONNECTION].receiveEnd()
  },
  drain(this: Attached): void {
    this[CONNECTION].drain()
  },
  // A reset is the client's way of leaving. `close` follows, and says all there is to say.
  error(): void {},
  close(this: Attached): void {
    this[CONNECTION].gone()
  },
}

/** Lets a connection hear its stream; `direct`: below its stream layer, where that can be. */
export function attach(stream: Duplex, connection: Connection, direct: boolean): void {
  ;(stream as Attached)[CONNECTION] = connection
  stream.allowHalfOpen = true // its listener may be one that ends our side with the client's
  for (const [event, listener] of entries) stream.on(event, listener as () => void)
  if (direct && canReadDirectly(stream)) readDirectly(stream, onRead)
  else stream.on('data', onData)
}

/** Lets a connection hear when its own side has ended: all that it wrote is out. */
export function listenForFinish(stream: Duplex): void {
  stream.on('finish', onFinish)
}

/**
 * Stops listening, all but for errors: the stream is somebody else's now, and a reset before they
 * listen must not end the process. It is left as new: it flows when its next reader comes.
 */
export function detach(stream: Duplex): void {
  for (const [event, listener] of entries) if (event !== 'error') stream.off(event, listener as () => void)
  stream.off('data', onData)
  readAsStream(stream)
  ;(stream as { readableFlowing: boolean | null }).readableFlowing = null
}

function onFinish(this: Attached): void {
  this[CONNECTION].finished()
}

function onData(this: Attached, bytes: Uint8Array): void {
  this[CONNECTION].receive(bytes)
}

function onRead(this: Socket, length: number, buffer: Buffer): boolean {
  const connection = (this as unknown as Attached)[CONNECTION]
  connection.receive(connection.isIdle ? keepBytes(buffer, length) : keepAlone(buffer, length))
  return true
}

const entries = Object.entries(listeners)
