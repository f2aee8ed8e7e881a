import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { StreamWrites } from './direct-writer.ts'

/*
 * The floor below Node's sockets. As a stream, a socket takes for each request a new buffer of 64 KiB, two
 * events and two entries in the queue of ticks: more than a request costs us. Its handle reads into a buffer
 * that it is given (what the documented option `onread` of `net.Socket` does), and writes at once what
 * the kernel takes.
 *
 * Node documents neither for a socket that a server accepted. So a probe looks, once, how this Node
 * itself does both; where that is not as expected, streams serve, with the same bytes on the wire.
 */

/** What is used of a handle. A write gives 0 when the kernel has it all, an error number, or what will tell. */
export interface Handle {
  writeLatin1String(request: null, text: string): number | PendingWrite
  writeBuffer(request: null, bytes: Uint8Array): number | PendingWrite
  /** Pieces and their encodings in turn, unless all are bytes. */
  writev(request: null, pieces: readonly (string | Uint8Array)[], allBytes: boolean): number | PendingWrite
  useUserBuffer(buffer: Uint8Array): void
  readonly reading?: boolean
  /** Bytes that libuv holds. */
  readonly writeQueueSize?: number
  /** Of a TLS handle: the one that it writes to. Its own queue counts what is encrypted, not what is sent. */
  readonly _parent?: Handle
}

/** A write of which the kernel has not taken everything yet. */
export interface PendingWrite {
  oncomplete: ((this: PendingWrite, status: number) => void) | null
  /** How it ended, where that was before anybody could be told. */
  writeStatus: number | null
  /** Keeps the bytes alive until they are out. */
  buffer: unknown
  /** What TLS has to say of a write that it refused. */
  readonly error?: string
}

/** A socket whose handle is used. Null once it is destroyed. */
export interface OpenSocket extends Socket {
  readonly _handle: Handle | null
}

/** Gets the number of bytes that were read into the buffer. False stops reading, until `resume`. */
export type OnRead = (this: Socket, length: number, buffer: Buffer) => boolean

/** Where Node keeps what `onread` was given. */
interface ReadKeys {
  readonly buffer: symbol
  readonly callback: symbol
}

/** Bytes. As much as libuv asks for at a time. One for all sockets: what was read is taken out before the next read. */
const READ_BYTES = 64 * 1024
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)

const readKeys = findReadKeys()
const writesWithoutRequest = probeWrite()

/** Whether a stream is a socket as Node makes them, which nobody reads yet. */
export function canReadDirectly(stream: Duplex): stream is OpenSocket {
  return (
    readKeys !== null &&
    isOpenSocket(stream) &&
    stream.push === Socket.prototype.push &&
    stream.read === Socket.prototype.read &&
    stream.readableLength === 0 &&
    stream.readableEncoding === null &&
    stream.listenerCount('data') === 0
  )
}

/** Whether writing to the handle is the same as writing to the stream. */
export function canWriteDirectly(stream: Duplex): stream is OpenSocket {
  return (
    writesWithoutRequest &&
    isOpenSocket(stream) &&
    stream.write === Socket.prototype.write &&
    (['_write', '_writev', '_final'] as const).every(
      (name) => inside(stream)[name] === inside(Socket.prototype)[name],
    )
  )
}

/** From now on bytes go to `onRead` and not through the stream; its end does. `pause` and `resume` work as ever. */
export function readDirectly(socket: OpenSocket, onRead: OnRead): void {
  const { buffer, callback } = readKeys as ReadKeys
  const inside = socket as unknown as Record<symbol, unknown>
  inside[buffer] = readBuffer
  inside[callback] = onRead
  const handle = socket._handle
  if (handle === null) return
  handle.useUserBuffer(readBuffer)
  if (!handle.reading) socket.read(0) // one that came from another thread has not begun to read
}

/** Makes a stream of it again, for somebody else. Does nothing to one that was not read directly. */
export function readAsStream(stream: Duplex): void {
  const inside = stream as unknown as Record<symbol, unknown>
  if (readKeys === null || inside[readKeys.buffer] !== readBuffer) return
  inside[readKeys.callback] = pushOn
  // Since nothing went through the stream, it takes itself for reading: one that is held back would be so for ever.
  if ((stream as OpenSocket)._handle?.reading === false) stream.read(0)
  // With a buffer of its own, a socket would begin to read again whenever it is looked at.
  const { pause, read, resume } = Duplex.prototype
  Object.assign(stream, { pause, read, resume })
}

function pushOn(this: Socket, length: number, buffer: Buffer): boolean {
  return this.push(Buffer.from(buffer.subarray(0, length)))
}

function isOpenSocket(stream: Duplex): stream is OpenSocket {
  return stream instanceof Socket && typeof (stream as OpenSocket)._handle?.useUserBuffer === 'function'
}

function inside(socket: Socket): StreamWrites {
  return socket as unknown as StreamWrites
}

/** Gives Node's own `onread` to a socket, and looks where it went. */
function findReadKeys(): ReadKeys | null {
  let used: unknown = null
  const next = (): Buffer => readBuffer
  const socket = socketOn(
    { useUserBuffer: (buffer: unknown) => (used = buffer) },
    { buffer: next, callback: probedRead },
  )
  if (socket === null || used !== readBuffer) return null
  const inside = socket as unknown as Record<symbol, unknown>
  const keyOf = (value: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(inside).find((key) => inside[key] === value)
  const buffer = keyOf(readBuffer)
  const callback = keyOf(probedRead)
  return buffer === undefined || callback === undefined ? null : { buffer, callback }
}

/** Only to be found again. */
function probedRead(): boolean {
  return true
}

/** Lets Node write, and looks whether its handle was asked without a request object, and a number was answer enough. */
function probeWrite(): boolean {
  const requests: unknown[] = []
  let written = 0
  const take = (request: unknown): number => {
    requests.push(request)
    return 0
  }
  const socket = socketOn({ writeLatin1String: take, writev: take })
  if (socket === null) return false
  const piece = { chunk: 'x', encoding: 'latin1' }
  try {
    inside(socket)._write('x', 'latin1', () => written++)
    inside(socket)._writev([piece, piece], () => written++)
  } catch {
    return false // Bun's sockets have other insides
  }
  return written === 2 && requests.length === 2 && requests.every((request) => request === null)
}

/** A socket on a handle that only pretends; null where this Node will not have it. */
function socketOn(handle: object, onread?: object): Socket | null {
  try {
    return new Socket({ handle, manualStart: true, ...(onread && { onread }) } as object)
  } catch {
    return null
  }
}
