import { isFileBody } from '@tsws/http'
import type { FileBody, HttpResponse } from '@tsws/http'
import type { AnswerFraming } from './answer-framing.ts'
import { ClientGoneError, ResponseError } from './errors.ts'
import type { Sent } from './exchange.ts'
import { borrowBlock, returnBlock } from './file-blocks.ts'

/** Pieces that are ready one after another, before other connections get their turn: as many as `maxAnswersInRow`. */
const MAX_PIECES_IN_ROW = 64

/** Where a body goes. */
export interface BodySink {
  /** Adds one-byte text to this turn's output. */
  text(text: string): void
  /** Adds bytes to this turn's output; they must not change any more. */
  bytes(bytes: Uint8Array): void
  /** Hands the turn's output to the client. False: wait for `drained` before more. */
  flush(): boolean
  /** Resolves when the client takes more. @throws {ClientGoneError} */
  drained(): Promise<void>
  /** Resolves when the client's kernel has these bytes, so that their memory is free. @throws {ClientGoneError} */
  deliver(bytes: Uint8Array): Promise<void>
  /** Nothing more is to come: a source that does not end in time is cut off. */
  expectEnd(): void
  /** Called once, should the client go before the body has ended. */
  onGone(callback: (() => void) | null): void
}

/**
 * Sends the body of an answer whose head is in the output already, counting into `sent`, and closes it.
 * Resolves with what went wrong, or null; never rejects.
 */
export async function sendBody(
  sink: BodySink,
  response: HttpResponse,
  framing: AnswerFraming,
  sent: Sent,
): Promise<unknown> {
  try {
    const { body } = response
    if (isFileBody(body)) await sendFile(sink, body, sent)
    else await sendStream(sink, response, framing, sent)
    return null
  } catch (error) {
    return error ?? new Error('the body failed with nothing to say why')
  }
}

/** An open file: one block is read while the one before it is written. */
async function sendFile(sink: BodySink, body: FileBody, sent: Sent): Promise<void> {
  const blocks: Buffer[] = []
  let writing: Promise<void> = Promise.resolve()
  try {
    for (let turn = 0; sent.bytes < body.length; turn ^= 1) {
      const block = (blocks[turn] ??= borrowBlock(body.length))
      const wanted = Math.min(block.length, body.length - sent.bytes)
      const { bytesRead } = await body.file.read(block, 0, wanted, body.start + sent.bytes)
      await writing
      if (bytesRead === 0) {
        throw new ResponseError(
          'ERR_FILE_SHRANK',
          `the file ended ${body.length - sent.bytes} bytes early while it was sent`,
        )
      }
      writing = sink.deliver(block.subarray(0, bytesRead))
      writing.catch(() => {}) // awaited in the next turn; until then a failure is nobody's surprise
      sent.bytes += bytesRead
    }
    await writing
  } finally {
    // A block that the kernel has not taken must not be written over.
    await writing.then(
      () => blocks.forEach(returnBlock),
      () => {},
    )
    await body.close()
  }
}

/** Pieces as they come, each at once: an event must not wait for the next one. */
async function sendStream(
  sink: BodySink,
  response: HttpResponse,
  { framing, announced }: AnswerFraming,
  sent: Sent,
): Promise<void> {
  const source = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  let done = false
  const stop = (): void => {
    if (done) return
    done = true
    // Not waited for: a generator in the middle of an `await` ends only when that does.
    void endIteration(source)
  }
  sink.onGone(stop)
  const early = setImmediate(() => sink.flush()) // the head goes out even when the first piece takes its time
  try {
    for (let pieces = 1; ; pieces++) {
      // All that was declared is out: the source has only to say that it ends.
      if (framing === 'length' && sent.bytes === announced) sink.expectEnd()
      const step = await source.next()
      if (step.done) {
        done = true
        break
      }
      if (done) throw new ClientGoneError() // not every source can be told to stop
      clearImmediate(early)
      const piece = checkPiece(step.value)
      if (framing === 'length' && sent.bytes + piece.length > announced) {
        throw longerThanDeclared(announced)
      }
      if (framing !== 'chunked') sink.bytes(piece)
      else if (piece.length > 0) sendChunk(sink, piece)
      sent.bytes += piece.length
      if (!sink.flush()) await sink.drained()
      // A fast source and a fast client would otherwise go on among themselves for ever.
      else if (pieces % MAX_PIECES_IN_ROW === 0) await othersTurn()
    }
    if (framing === 'length' && sent.bytes < announced) throw shorterThanDeclared(announced, sent.bytes)
    if (framing === 'chunked') sink.text(`0\r\n${await trailerSection(response)}\r\n`)
  } finally {
    clearImmediate(early)
    sink.onGone(null)
    stop()
  }
}

/** RFC 9112 §7.1; a chunk of size 0 would end the body. */
function sendChunk(sink: BodySink, piece: Uint8Array): void {
  sink.text(`${piece.length.toString(16)}\r\n`)
  sink.bytes(piece)
  sink.text('\r\n')
}

/** Lets the source clean up; its own trouble with that, thrown or rejected, is nobody's by now. */
async function endIteration(source: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await source.return?.()
  } catch {
    // See above.
  }
}

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** RFC 9112 §7.1.2 */
async function trailerSection(response: HttpResponse): Promise<string> {
  if (response.trailers === null) return ''
  const trailers = await response.trailers()
  // RFC 9110 §6.5.1: a trailer must not frame.
  if (trailers.mentionsFraming) {
    throw new ResponseError('ERR_FORBIDDEN_TRAILER', 'a trailer section cannot carry framing fields')
  }
  return trailers.encode()
}

function checkPiece(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece
  throw new ResponseError('ERR_INVALID_PIECE', `a body must yield Uint8Array, got ${typeof piece}`)
}

function longerThanDeclared(length: number): ResponseError {
  return new ResponseError(
    'ERR_CONTENT_LENGTH_MISMATCH',
    `the body has more than the declared ${length} bytes`,
  )
}

function shorterThanDeclared(length: number, sent: number): ResponseError {
  return new ResponseError(
    'ERR_CONTENT_LENGTH_MISMATCH',
    `the body ended after ${sent} of the declared ${length} bytes`,
  )
}
