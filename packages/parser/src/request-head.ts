import { CR } from './characters.ts'
import { EXPECT_CONTINUE, EXPECT_UNKNOWN, KEEP_ALIVE, UPGRADE_LISTED } from './connection.ts'
import { HeadFields } from './head-fields.ts'
import { TARGET_FORMS } from './head-scan.ts'
import type { HeadScan, TargetForm } from './head-scan.ts'
import { latin1 } from './latin1.ts'

// The rest of what a head knows, packed above the bits of `connection.ts`: a smaller head is sooner collected.
const MINOR_VERSION_BIT = 4
const TARGET_FORM_BIT = 5

/** " HTTP/1.1": what stands between a target and its line's end. */
const VERSION_BYTES = 9

/** The head of a request. What can be refused was decided while parsing; text is decoded when asked for. */
export class RequestHead extends HeadFields {
  /** The framing, decided (RFC 9112 §6.3): that many bytes of body, 0 for none, -1 for chunked. */
  declare readonly contentLength: number
  /** The method as it was sent: methods are case-sensitive (RFC 9110 §9.1). */
  declare readonly method: string
  declare private readonly targetStart: number
  declare private readonly bits: number

  /** @internal */
  constructor(scan: HeadScan, bytes: Uint8Array, shift: number, contentLength: number, options: number) {
    super(scan, bytes, shift)
    this.contentLength = contentLength
    this.method = scan.method
    this.targetStart = scan.targetStart + shift
    this.bits = options | (scan.minorVersion << MINOR_VERSION_BIT) | (scan.targetForm << TARGET_FORM_BIT)
  }

  /** The request-target as it was sent: never a fragment, a space or a control character. Decoded each time. */
  get target(): string {
    return this.targetBy(latin1)
  }

  /** The request-target by another decoder, for one that knows many already: one character for each byte. */
  targetBy(decode: (bytes: Uint8Array, from: number, to: number) => string): string {
    const lineEnd = this.bytes[this.fieldsStart - 2] === CR ? 2 : 1 // LF alone: see `allowBareLF`
    return decode(this.bytes, this.targetStart, this.fieldsStart - lineEnd - VERSION_BYTES)
  }

  /** The form of the request-target (RFC 9112 §3.2). */
  get targetForm(): TargetForm {
    return TARGET_FORMS[this.bits >> TARGET_FORM_BIT]!
  }

  /** HTTP/1.2 and up count as 1 (RFC 9110 §2.5). */
  get minorVersion(): 0 | 1 {
    return ((this.bits >> MINOR_VERSION_BIT) & 1) as 0 | 1
  }

  /** Whether the connection may serve another request (RFC 9112 §9.3); "close" wins. */
  get keepAlive(): boolean {
    return (this.bits & KEEP_ALIVE) !== 0
  }

  /** Whether the client waits for 100 before it sends the body (RFC 9110 §10.1.1); never in HTTP/1.0. */
  get expectContinue(): boolean {
    return (this.bits & EXPECT_CONTINUE) !== 0
  }

  /** Whether the client expects something that does not exist: 417 is the answer (RFC 9110 §10.1.1). */
  get expectUnknown(): boolean {
    return (this.bits & EXPECT_UNKNOWN) !== 0
  }

  /** The Upgrade field if Connection lists it and the version is 1.1 (RFC 9110 §7.8), or null. */
  get upgrade(): string | null {
    return (this.bits & UPGRADE_LISTED) === 0 ? null : this.get('upgrade')
  }
}
