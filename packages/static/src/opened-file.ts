import { close, fstat, open, read } from 'node:fs'
import type { Stats } from 'node:fs'
import type { OpenFile } from '@tsws/http'

/**
 * An open file. Unlike a `FileHandle`, one that is forgotten, say because a middleware dropped a body without closing it, is
 * closed when its memory is collected, and that without an exception that would end the process (Node 26).
 */
export class OpenedFile implements OpenFile {
  /** The descriptor, as a `FileHandle` has it; -1 once closed. */
  fd: number
  /** Reads under way: a descriptor closed beneath them may name another file by then. */
  #reading = 0
  #closing: PromiseWithResolvers<void> | null = null

  private constructor(descriptor: number) {
    this.fd = descriptor
    forgotten.register(this, descriptor, this)
  }

  static open(path: string, flags: number): Promise<OpenedFile> {
    return new Promise((resolve, reject) => {
      open(path, flags, (error, descriptor) => (error ? reject(error) : resolve(new OpenedFile(descriptor))))
    })
  }

  stat(): Promise<Stats> {
    return this.#use((done) => fstat(this.fd, done))
  }

  async read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }> {
    const bytesRead = await this.#use<number>((done) => read(this.fd, buffer, offset, length, position, done))
    return { bytesRead }
  }

  /** Resolves when the file is closed, which waits for reads under way. Later calls do nothing more. */
  close(): Promise<void> {
    if (this.#closing === null) {
      this.#closing = Promise.withResolvers<void>()
      if (this.#reading === 0) this.#close(this.#closing)
    }
    return this.#closing.promise
  }

  #use<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
    if (this.#closing !== null) return Promise.reject(new Error('the file is closed'))
    this.#reading++
    return new Promise((resolve, reject) => {
      call((error, value) => {
        this.#reading--
        if (this.#closing !== null && this.#reading === 0) this.#close(this.#closing)
        if (error) reject(error)
        else resolve(value)
      })
    })
  }

  #close({ resolve, reject }: PromiseWithResolvers<void>): void {
    forgotten.unregister(this)
    const descriptor = this.fd
    this.fd = -1
    close(descriptor, (error) => (error ? reject(error) : resolve()))
  }
}

const forgotten = new FinalizationRegistry<number>((descriptor) => close(descriptor, () => {}))
