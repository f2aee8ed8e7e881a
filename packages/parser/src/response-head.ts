import { KEEP_ALIVE, UPGRADE_LISTED } from './connection.ts'
import { CHUNKED } from './framing.ts'
import { HeadFields } from './head-fields.ts'
import type { HeadScan } from './head-scan.ts'
import { latin1 } from './latin1.ts'

/** The head of a response. What can be refused was decided while parsing; text is decoded when asked for. */
export class ResponseHead extends HeadFields {
  /** The status code, 100 to 999. */
  readonly status: number
  /** HTTP/1.2 and up count as 1 (RFC 9110 §2.5). */
  readonly minorVersion: 0 | 1
  /**
   * The framing, decided (RFC 9112 §6.3): that many bytes of body, 0 for none, -1 for chunked, -2 for all that comes
   * until the connection closes, -3 if what follows is another protocol (101, or 2xx to CONNECT).
   */
  readonly contentLength: number
  /** Whether the connection may carry another response (RFC 9112 §9.3); "close" wins. */
  readonly keepAlive: boolean
  readonly #upgrade: boolean
  readonly #reasonStart: number
  readonly #reasonEnd: number

  /** @internal */
  constructor(scan: HeadScan, bytes: Uint8Array, shift: number, contentLength: number, options: number) {
    super(scan, bytes, shift)
    this.status = scan.status
    this.minorVersion = scan.minorVersion
    this.contentLength = contentLength
    this.keepAlive = contentLength >= CHUNKED && (options & KEEP_ALIVE) !== 0
    this.#upgrade = (options & UPGRADE_LISTED) !== 0
    this.#reasonStart = scan.reasonStart + shift
    this.#reasonEnd = scan.reasonEnd + shift
  }

  /** The reason phrase, often empty; it means nothing (RFC 9112 §4). */
  get reason(): string {
    return latin1(this.bytes, this.#reasonStart, this.#reasonEnd)
  }

  /** The Upgrade field if Connection lists it and the version is 1.1 (RFC 9110 §7.8), or null. */
  get upgrade(): string | null {
    return this.#upgrade ? this.get('upgrade') : null
  }
}
