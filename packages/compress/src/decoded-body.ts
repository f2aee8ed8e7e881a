import { HttpError } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import type { Coding } from './coding.ts'

/** The body of a request, decoded piece by piece as it is read: what is not read is not decoded, nor taken from the client. */
export class DecodedBody {
  readonly #request: HttpRequest
  readonly #coding: Coding
  readonly #limit: () => number
  readonly #maxRatio: number
  #coded: AsyncIterator<Uint8Array> | null = null
  #decoder: Transform | null = null
  #taken = 0
  #made = 0
  #failure: unknown = null
  #ended = false
  #wake: (() => void) | null = null

  /** @param limit bytes allowed at this moment */
  constructor(request: HttpRequest, coding: Coding, limit: () => number, maxRatio: number) {
    this.#request = request
    this.#coding = coding
    this.#limit = limit
    this.#maxRatio = maxRatio
  }

  /** @throws {HttpError} 413 too large or a bomb, 400 damaged or cut short; and what reading the coded body throws */
  async read(): Promise<Uint8Array | null> {
    if (this.#decoder === null) this.#start()
    for (;;) {
      if (this.#failure !== null) throw this.#failure
      const piece = this.#decoder?.read() as Uint8Array | null
      if (piece !== null) return this.#admit(piece)
      if (this.#ended) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #admit(piece: Uint8Array): Uint8Array {
    this.#made += piece.length
    const limit = this.#limit()
    if (this.#made > limit) {
      this.#fail(
        new HttpError(413, `the body has more than ${limit} bytes once decoded`, {
          code: 'ERR_BODY_TOO_LARGE',
        }),
      )
    } else if (this.#made > RATIO_FLOOR_BYTES && this.#made > this.#taken * this.#maxRatio) {
      const message = `the body grows to more than ${this.#maxRatio} times its size when decoded`
      this.#fail(new HttpError(413, message, { code: 'ERR_COMPRESSION_RATIO' }))
    }
    if (this.#failure !== null) throw this.#failure
    return piece
  }

  #start(): void {
    const decoder = createDecoder(this.#coding)
    this.#decoder = decoder
    const wake = (): void => {
      this.#wake?.()
      this.#wake = null
    }
    decoder.on('readable', wake)
    decoder.on('end', () => {
      this.#ended = true
      wake()
    })
    decoder.on('error', (cause) => {
      const message = `the body is not valid ${this.#coding}: ${cause.message}`
      this.#fail(new HttpError(400, message, { code: 'ERR_INVALID_CONTENT_CODING', cause }))
      wake()
    })
    decoder.on('close', wake)
    // A handler that reads no more would never hear of it: the decoder's memory goes with the client.
    this.#request.signal.addEventListener('abort', () => this.#fail(this.#request.signal.reason), {
      once: true,
    })
    void this.#pump(decoder)
  }

  async #pump(decoder: Transform): Promise<void> {
    try {
      const iterator = (this.#request.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
      this.#coded = iterator
      for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
        if (this.#failure !== null) return
        this.#taken += step.value.length
        if (!decoder.write(step.value)) await drained(decoder)
      }
      decoder.end()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error ?? new Error('the request body failed with nothing to say why')
    this.#decoder?.destroy()
    void Promise.resolve(this.#coded?.return?.()).catch(() => {})
  }
}

/** Bytes. Below it even a thousandfold growth does no harm. */
const RATIO_FLOOR_BYTES = 1024 * 1024

function createDecoder(coding: Coding): Transform {
  if (coding === 'gzip') return zlib.createGunzip()
  if (coding === 'br') return zlib.createBrotliDecompress()
  // RFC 9659: a window above 8 MiB need not be accepted, and would be memory that a few bytes can demand.
  return zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } })
}

function drained(decoder: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      decoder.off('drain', done)
      decoder.off('close', done)
      resolve()
    }
    decoder.on('drain', done)
    decoder.on('close', done)
  })
}
