import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'

/** Where a log goes: a file descriptor, a path, or a stream. */
export type LogTarget = number | string | LogStream

/** A `Writable`, or anything that takes text. */
export interface LogStream {
  write(text: string): unknown
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
}

/** `written`: bytes that went out, also where an error came after them. */
export type Written = (error: NodeJS.ErrnoException | null, written: number) => void

export interface LogSink {
  /** Writes without blocking, and calls back once. */
  write(bytes: Buffer, done: Written): void
  /** At the end of the process: what can go out at once. Bytes written. */
  writeSync(bytes: Buffer): number
  /** Whether writing again after this error makes sense. */
  recovers(error: NodeJS.ErrnoException): boolean
  close(): void
}

/**
 * The sink for a target. Pipes, sockets and terminals go through Node's streams: a write from the
 * thread pool to a pipe that nobody reads would hold a thread, and with it the end of the process.
 *
 * @throws {Error} when a path cannot be opened for writing
 */
export function openSink(target: LogTarget): LogSink {
  if (typeof target === 'object') return new StreamSink(target)
  if (typeof target === 'number') return sinkOf(target, false)
  // Without O_NONBLOCK, opening a FIFO that has no reader would wait for one.
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants
  return sinkOf(openSync(target, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, FILE_MODE), true)
}

/** Readable by the group, not by everyone: a log holds addresses. */
const FILE_MODE = 0o640

function sinkOf(fd: number, owned: boolean): LogSink {
  const isStream = hasReader(statOf(fd))
  if (fd === 1 && (isStream || isatty(1))) return new StreamSink(process.stdout, fd)
  if (fd === 2 && (isStream || isatty(2))) return new StreamSink(process.stderr, fd)
  if (isStream) return new StreamSink(new Socket({ fd, readable: false, writable: true }), fd, owned)
  return new FileSink(fd, owned)
}

/** Null for standard output and error of a kind that the system has no name for: Node knows what to do with them. */
function statOf(fd: number): Stats | null {
  try {
    return fstatSync(fd)
  } catch (error) {
    if (fd === 1 || fd === 2) return null
    throw error
  }
}

/** Whether somebody reads what is written, and writing has to wait for him. */
export function hasReader(stat: FileKind | null, platform: string = process.platform): boolean {
  if (stat === null) return true
  // There Node calls nothing a FIFO or a socket, pipes included. A character device is a terminal, or NUL.
  if (platform === 'win32') return !stat.isFile() && !stat.isCharacterDevice()
  return stat.isFIFO() || stat.isSocket()
}

type FileKind = Pick<Stats, 'isFile' | 'isCharacterDevice' | 'isFIFO' | 'isSocket'>

class FileSink implements LogSink {
  readonly #fd: number
  readonly #owned: boolean

  constructor(fd: number, owned: boolean) {
    this.#fd = fd
    this.#owned = owned
  }

  write(bytes: Buffer, done: Written): void {
    let at = 0
    const step = (error: NodeJS.ErrnoException | null, count: number): void => {
      if (error !== null) return done(error, at)
      at += count
      if (at >= bytes.length) return done(null, at)
      write(this.#fd, bytes, at, step)
    }
    write(this.#fd, bytes, 0, step)
  }

  writeSync(bytes: Buffer): number {
    return writeAtOnce(this.#fd, bytes)
  }

  // A disk gets space again and a quota is raised; a descriptor that is closed stays closed.
  recovers(error: NodeJS.ErrnoException): boolean {
    return error.code !== 'EBADF' && error.code !== 'EPIPE'
  }

  close(): void {
    if (this.#owned) closeSync(this.#fd)
  }
}

class StreamSink implements LogSink {
  readonly #stream: LogStream
  readonly #fd: number | null
  readonly #owned: boolean
  #error: Error | null = null
  #report: ((error: Error) => void) | null = null
  readonly #onError = (error: Error): void => {
    this.#error = error
    this.#report?.(error)
  }

  constructor(stream: LogStream, fd: number | null = null, owned = false) {
    this.#stream = stream
    this.#fd = fd
    this.#owned = owned
    guard(stream)
    stream.on?.('error', this.#onError)
  }

  write(bytes: Buffer, done: Written): void {
    if (this.#error !== null) return done(this.#error, 0)
    let answered = false
    const once = (error: Error | null): void => {
      if (answered) return
      answered = true
      this.#report = null
      done(error, error === null ? bytes.length : 0)
    }
    this.#report = once
    try {
      if (this.#stream instanceof Writable) {
        this.#stream.write(bytes, (error) => once(error ?? null))
        return
      }
      this.#stream.write(bytes.toString())
      once(this.#error)
    } catch (error) {
      once(error as Error)
    }
  }

  writeSync(bytes: Buffer): number {
    if (this.#fd === null || this.#error !== null) return 0
    // What the stream still holds stands before these bytes; writing past it would tear a line.
    if ((this.#stream as Writable).writableLength > 0) return 0
    return writeAtOnce(this.#fd, bytes)
  }

  // A stream that has failed is destroyed (Node's documentation of stream.Writable).
  recovers(): boolean {
    return false
  }

  close(): void {
    this.#stream.removeListener?.('error', this.#onError)
    // A stream that was given is its maker's, and standard output is everyone's.
    if (this.#owned) (this.#stream as Socket).destroy()
  }
}

const guarded = new WeakSet<LogStream>()

// Without a listener, a reader that goes away (EPIPE) would end the process: also when it does so
// after the log was closed.
function guard(stream: LogStream): void {
  if (guarded.has(stream)) return
  guarded.add(stream)
  stream.on?.('error', () => {})
}

function writeAtOnce(fd: number, bytes: Buffer): number {
  let at = 0
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at)
  } catch {
    // The process is ending: what does not go out now is lost.
  }
  return at
}
