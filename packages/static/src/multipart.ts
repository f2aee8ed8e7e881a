import { formatContentRange } from '@tsws/headers'
import type { ByteRange } from '@tsws/headers'

/** Either bytes made here, or a stretch of the file. */
export type Piece = Uint8Array | ByteRange

/** The content of a `multipart/byteranges` answer (RFC 9110 §14.6), in order. */
export interface MultipartContent {
  /** For `Content-Type`. */
  readonly contentType: string
  readonly pieces: readonly Piece[]
  /** Bytes of all pieces together. */
  readonly length: number
}

/**
 * Several ranges as one body. Each part says its own type and range; the answer itself must not have a
 * `Content-Range` (RFC 9110 §15.3.7.2).
 *
 * @param boundary must not occur in the content; random by default, so that nobody can plan a file that holds it
 */
export function planMultipart(
  ranges: readonly ByteRange[],
  size: number,
  contentType: string,
  boundary: string = randomBoundary(),
): MultipartContent {
  const pieces: Piece[] = []
  let length = 0
  for (const [index, range] of ranges.entries()) {
    const head = Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\n` +
        `Content-Type: ${contentType}\r\nContent-Range: ${formatContentRange(range, size)}\r\n\r\n`,
      'latin1',
    )
    pieces.push(head, range)
    length += head.length + range.end - range.start
  }
  const end = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1')
  pieces.push(end)
  return { contentType: `multipart/byteranges; boundary=${boundary}`, pieces, length: length + end.length }
}

export function isRange(piece: Piece): piece is ByteRange {
  return !(piece instanceof Uint8Array)
}

/** By the global, which loads only when it is first used: `node:crypto` takes longer to load than all the rest of this package. */
function randomBoundary(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(BOUNDARY_BYTES))).toString('hex')
}

/** Random bytes of a boundary: 96 bits meet no content by chance. */
const BOUNDARY_BYTES = 12
