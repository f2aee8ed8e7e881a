import { STATUS_VERSION } from './head-scan.ts'
import { MessageParser } from './message-parser.ts'
import { resolveOptions } from './options.ts'
import type { ParserOptions } from './options.ts'
import type { ResponseHead } from './response-head.ts'
import { endResponseHead, scanResponseHead } from './scan-response-head.ts'

/** What a gateway answers when what it got from the server behind it is invalid (RFC 9110 §15.6.3). */
const BAD_GATEWAY = 502

/**
 * Parses the responses of one connection from bytes in any pieces, as strictly as `RequestParser` does requests.
 * Tell it the method of each request with `expectResponseTo` before the response comes: without it, GET is assumed.
 * An empty line before a status-line is an error: RFC 9112 §2.2 skips it for requests only.
 *
 * Throws a `TypeError` for an option that is unknown or out of range.
 */
export class ResponseParser extends MessageParser<ResponseHead> {
  readonly #methods: string[]

  constructor(options?: ParserOptions) {
    const methods: string[] = []
    super(resolveOptions(options), {
      errorStatus: BAD_GATEWAY,
      firstStep: STATUS_VERSION,
      skipsEmptyLines: false,
      plain: () => null,
      scan: scanResponseHead,
      finish: (scan, bytes, shift) => {
        const head = endResponseHead(scan, bytes, shift, methods[0] ?? 'GET')
        // A request gets any number of 1xx and then one final response (RFC 9110 §15.2); 101 is final for HTTP.
        if (head !== null && (head.status >= 200 || head.status === 101)) methods.shift()
        return head
      },
    })
    this.#methods = methods
  }

  /** A request with this method was sent: whether its response has a body depends on it (RFC 9112 §6.3). */
  expectResponseTo(method: string): void {
    this.#methods.push(method)
  }

  /**
   * To be called right after "head", by who learns only now that the request was HEAD: no body follows, whatever the
   * fields say (RFC 9112 §6.3).
   */
  skipBody(): void {
    this.leaveOutBody()
  }
}
