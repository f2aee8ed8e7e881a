import { METHOD } from './head-scan.ts'
import { MessageParser } from './message-parser.ts'
import type { HeadRules } from './message-parser.ts'
import { resolveOptions } from './options.ts'
import type { ParserOptions } from './options.ts'
import { plainRequestHead } from './plain-request.ts'
import type { RequestHead } from './request-head.ts'
import { endRequestHead, scanRequestHead } from './scan-request-head.ts'

/** @internal */
export const REQUEST_RULES: HeadRules<RequestHead> = {
  firstStep: METHOD,
  skipsEmptyLines: true,
  plain: plainRequestHead,
  scan: scanRequestHead,
  finish: endRequestHead,
}

/**
 * Parses the requests of one connection from bytes in any pieces: `push` bytes, then call `next` until it says
 * "need-more". Strict by RFC 9112; what is doubtful is an error.
 *
 * Throws a `TypeError` for an option that is unknown or out of range.
 */
export class RequestParser extends MessageParser<RequestHead> {
  constructor(options?: ParserOptions) {
    super(resolveOptions(options), REQUEST_RULES)
  }
}
