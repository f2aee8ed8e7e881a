/** What a code means: the status a server should answer, the rule that was broken, and what was expected. */
export interface ErrorDescription {
  /** The status code a server should answer before it closes the connection. */
  readonly status: number
  /** The section that states the rule. */
  readonly section: string
  /** What was wrong and what was expected, without the bytes. */
  readonly message: string
}

/** Every way a message can be refused. `docs/errors.md` mirrors this table (a test keeps them equal). */
export const ERRORS = Object.freeze({
  ERR_EMPTY_LINES: rule('9112 §2.2', 'Too many empty lines before the start-line'),
  ERR_BARE_CR: rule('9112 §2.2', 'CR without LF; a line ends in CRLF'),
  ERR_BARE_LF: rule('9112 §2.2', 'LF without CR; a line ends in CRLF'),
  ERR_INVALID_METHOD: rule('9112 §3.1', 'The method must be a token and one space'),
  ERR_METHOD_TOO_LONG: rule('9112 §3', 'The method is longer than maxMethodBytes', 501),
  ERR_INVALID_TARGET: rule('9112 §3.2', 'The request-target is empty or holds a forbidden character'),
  ERR_TARGET_FORM: rule('9112 §3.2', 'The request-target has no form that its method may use'),
  ERR_INVALID_AUTHORITY: rule('9110 §4.2', 'The request-target must name a host with an optional port'),
  ERR_TARGET_TOO_LONG: rule('9110 §15.5.15', 'The request-target is longer than maxTargetBytes', 414),
  ERR_INVALID_VERSION: rule('9112 §2.3', 'The version must be HTTP/digit.digit'),
  ERR_UNSUPPORTED_VERSION: rule('9110 §15.6.6', 'The major version is not 1', 505),
  ERR_INVALID_STATUS: rule('9112 §4', 'The status must be 100 to 999, between two spaces', 502),
  ERR_INVALID_REASON: rule('9112 §4', 'The reason phrase holds a control character', 502),
  ERR_LEADING_WHITESPACE: rule('9112 §2.2', 'Whitespace before the first field'),
  ERR_OBS_FOLD: rule('9112 §5.2', 'A field value must not be folded'),
  ERR_SPACE_BEFORE_COLON: rule('9112 §5.1', 'Whitespace before the colon of a field'),
  ERR_INVALID_FIELD_NAME: rule('9112 §5', 'A field line must be a token, a colon and a value'),
  ERR_INVALID_FIELD_VALUE: rule('9110 §5.5', 'A field value holds a control character'),
  ERR_TOO_MANY_FIELDS: rule('6585 §5', 'More field lines than maxHeaderCount', 431),
  ERR_HEAD_TOO_LARGE: rule('6585 §5', 'The head is longer than maxHeadBytes', 431),
  ERR_MISSING_HOST: rule('9112 §3.2', 'An HTTP/1.1 request must have a Host field'),
  ERR_REPEATED_HOST: rule('9112 §3.2', 'More than one Host field line'),
  ERR_INVALID_HOST: rule('9110 §7.2', 'Host must be a host with an optional port'),
  ERR_INVALID_CONTENT_LENGTH: rule('9110 §8.6', 'Content-Length must be decimal digits'),
  ERR_REPEATED_CONTENT_LENGTH: rule('9112 §6.3', 'More than one Content-Length'),
  ERR_CONTENT_LENGTH_TOO_LARGE: rule('9110 §8.6', 'Content-Length is above 2^53 - 1'),
  ERR_CONTENT_LENGTH_AND_TRANSFER_ENCODING: rule('9112 §6.1', 'Both Content-Length and Transfer-Encoding'),
  ERR_TRANSFER_ENCODING_IN_HTTP_1_0: rule('9112 §6.1', 'Transfer-Encoding in an HTTP/1.0 message'),
  ERR_INVALID_TRANSFER_ENCODING: rule('9112 §6.3', 'Transfer-Encoding must end in chunked, used once'),
  ERR_UNKNOWN_TRANSFER_CODING: rule('9112 §6.1', 'The transfer coding is not implemented', 501),
  ERR_INVALID_CHUNK_SIZE: rule('9112 §7.1', 'A chunk size must be hexadecimal digits'),
  ERR_CHUNK_SIZE_TOO_LARGE: rule('9112 §7.1', 'A chunk size is longer than 16 digits or above 2^53 - 1'),
  ERR_INVALID_CHUNK_EXTENSION: rule('9112 §7.1.1', 'A chunk extension must be a name or name=value'),
  ERR_CHUNK_EXTENSIONS_TOO_LARGE: rule(
    '9112 §7.1.1',
    'The chunk extensions are longer than maxChunkExtensionBytes',
  ),
  ERR_INVALID_CHUNK_END: rule('9112 §7.1', 'A chunk must be followed by CRLF'),
  ERR_FORBIDDEN_TRAILER: rule('9110 §6.5.1', 'This field must not be a trailer'),
  ERR_TRAILERS_TOO_LARGE: rule('6585 §5', 'The trailer section is longer than maxTrailerBytes', 431),
  ERR_INCOMPLETE_HEAD: rule('9112 §8', 'The stream ended within a head'),
  ERR_INCOMPLETE_BODY: rule('9112 §8', 'The stream ended within a body'),
  ERR_INCOMPLETE_CHUNKED_BODY: rule('9112 §8', 'The stream ended within a chunked body'),
})

/** A stable name for one way a message can be refused. */
export type ParseErrorCode = keyof typeof ERRORS

function rule(section: string, message: string, status = 400): ErrorDescription {
  return Object.freeze({ status, section: `RFC ${section}`, message })
}
