import { EXPECT_CONTINUE, EXPECT_UNKNOWN, KEEP_ALIVE, UPGRADE_LISTED } from './connection.ts'
import { HeadFields } from './head-fields.ts'
import type { HeadScan, TargetForm } from './head-scan.ts'
import { latin1 } from './latin1.ts'

/** The head of a request. What can be refused was decided while parsing; text is decoded when asked for. */
export class RequestHead extends HeadFields {
  /** The form of the request-target (RFC 9112 §3.2). */
  readonly targetForm: TargetForm
  /** HTTP/1.2 and up count as 1 (RFC 9110 §2.5). */
  readonly minorVersion: 0 | 1
  /** The framing, decided (RFC 9112 §6.3): that many bytes of body, 0 for none, -1 for chunked. */
  readonly contentLength: number
  #method: string
  #target = ''
  readonly #start: number
  readonly #methodEnd: number
  readonly #targetStart: number
  readonly #targetEnd: number
  readonly #options: number

  /** @internal */
  constructor(scan: HeadScan, bytes: Uint8Array, shift: number, contentLength: number, options: number) {
    super(scan, bytes, shift)
    this.targetForm = scan.targetForm
    this.minorVersion = scan.minorVersion
    this.contentLength = contentLength
    this.#method = scan.method
    this.#start = scan.start + shift
    this.#methodEnd = scan.methodEnd + shift
    this.#targetStart = scan.targetStart + shift
    this.#targetEnd = scan.targetEnd + shift
    this.#options = options
  }

  /** The method as it was sent: methods are case-sensitive (RFC 9110 §9.1). */
  get method(): string {
    if (this.#method === '') this.#method = latin1(this.bytes, this.#start, this.#methodEnd)
    return this.#method
  }

  /** The request-target as it was sent: never a fragment, a space or a control character. */
  get target(): string {
    if (this.#target === '') this.#target = latin1(this.bytes, this.#targetStart, this.#targetEnd)
    return this.#target
  }

  /** Whether the connection may serve another request (RFC 9112 §9.3); "close" wins. */
  get keepAlive(): boolean {
    return (this.#options & KEEP_ALIVE) !== 0
  }

  /** Whether the client waits for 100 before it sends the body (RFC 9110 §10.1.1); never in HTTP/1.0. */
  get expectContinue(): boolean {
    return (this.#options & EXPECT_CONTINUE) !== 0
  }

  /** Whether the client expects something that does not exist: 417 is the answer (RFC 9110 §10.1.1). */
  get expectUnknown(): boolean {
    return (this.#options & EXPECT_UNKNOWN) !== 0
  }

  /** The Upgrade field if Connection lists it and the version is 1.1 (RFC 9110 §7.8), or null. */
  get upgrade(): string | null {
    return (this.#options & UPGRADE_LISTED) === 0 ? null : this.get('upgrade')
  }
}
