import { Socket } from 'node:net'
import type { SocketConstructorOpts } from 'node:net'

/** Where Node keeps what the kernel's socket is held by. Empty once the socket is destroyed. */
interface Held {
  _handle?: object | null
}

/**
 * The same connection in a socket that this thread made. One that Node has moved here carries its mark of that, a
 * property for which V8 gives up the object's layout and keeps all of its properties in a hash table: serving a small
 * request then takes up to a tenth more CPU time.
 *
 * Node's own listeners make their sockets by the option `handle`, which is not documented: where it is not heeded, the
 * socket stays as it came. Like an accepted one, the new socket begins to read at once.
 */
export function remadeSocket(moved: Socket): Socket {
  const handle = (moved as Held)._handle
  if (!handle) return moved
  const socket = new Socket({ handle, allowHalfOpen: moved.allowHalfOpen } as SocketConstructorOpts)
  if ((socket as Held)._handle !== handle) return moved
  ;(moved as Held)._handle = null // it is not this one's any more, and not to be closed with it
  return socket
}
