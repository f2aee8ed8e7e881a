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
export const ERRORS = {
  ERR_EMPTY_LINES: {
    status: 400,
    section: 'RFC 9112 §2.2',
    message: 'Too many empty lines before the start-line',
  },
  ERR_BARE_CR: {
    status: 400,
    section: 'RFC 9112 §2.2',
    message: 'CR that is not followed by LF; a line ends in CRLF',
  },
  ERR_BARE_LF: {
    status: 400,
    section: 'RFC 9112 §2.2',
    message: 'LF that does not follow CR; a line ends in CRLF',
  },
  ERR_INVALID_METHOD: {
    status: 400,
    section: 'RFC 9112 §3.1',
    message: 'The method must be a token followed by one space',
  },
  ERR_METHOD_TOO_LONG: {
    status: 501,
    section: 'RFC 9112 §3',
    message: 'The method is longer than maxMethodBytes',
  },
  ERR_INVALID_TARGET: {
    status: 400,
    section: 'RFC 9112 §3.2',
    message: 'The request-target holds a character that no target may hold, or is empty',
  },
  ERR_TARGET_FORM: {
    status: 400,
    section: 'RFC 9112 §3.2',
    message: 'The request-target has none of the four forms, or not the one its method needs',
  },
  ERR_INVALID_AUTHORITY: {
    status: 400,
    section: 'RFC 9110 §4.2',
    message: 'The authority of the request-target must be a host with an optional port, without userinfo',
  },
  ERR_TARGET_TOO_LONG: {
    status: 414,
    section: 'RFC 9110 §15.5.15',
    message: 'The request-target is longer than maxTargetBytes',
  },
  ERR_INVALID_VERSION: {
    status: 400,
    section: 'RFC 9112 §2.3',
    message: 'The version must be "HTTP/", a digit, a dot and a digit, and end the line',
  },
  ERR_UNSUPPORTED_VERSION: {
    status: 505,
    section: 'RFC 9110 §15.6.6',
    message: 'The major version is not 1',
  },
  ERR_INVALID_STATUS: {
    status: 502,
    section: 'RFC 9112 §4',
    message: 'The status-line must hold the version, a space, three digits from 100 to 999, and a space',
  },
  ERR_INVALID_REASON: {
    status: 502,
    section: 'RFC 9112 §4',
    message: 'The reason phrase holds a control character',
  },
  ERR_LEADING_WHITESPACE: {
    status: 400,
    section: 'RFC 9112 §2.2',
    message: 'Whitespace between the start-line and the first field',
  },
  ERR_OBS_FOLD: {
    status: 400,
    section: 'RFC 9112 §5.2',
    message: 'A field value must not be folded over several lines',
  },
  ERR_SPACE_BEFORE_COLON: {
    status: 400,
    section: 'RFC 9112 §5.1',
    message: 'Whitespace between a field name and its colon',
  },
  ERR_INVALID_FIELD_NAME: {
    status: 400,
    section: 'RFC 9112 §5',
    message: 'A field line must be a token, a colon and a value',
  },
  ERR_INVALID_FIELD_VALUE: {
    status: 400,
    section: 'RFC 9110 §5.5',
    message: 'A field value holds a control character other than HTAB',
  },
  ERR_TOO_MANY_FIELDS: {
    status: 431,
    section: 'RFC 6585 §5',
    message: 'More field lines than maxHeaderCount',
  },
  ERR_HEAD_TOO_LARGE: {
    status: 431,
    section: 'RFC 6585 §5',
    message: 'The head is larger than maxHeadBytes',
  },
  ERR_MISSING_HOST: {
    status: 400,
    section: 'RFC 9112 §3.2',
    message: 'An HTTP/1.1 request needs a Host field',
  },
  ERR_REPEATED_HOST: {
    status: 400,
    section: 'RFC 9112 §3.2',
    message: 'More than one Host field line',
  },
  ERR_INVALID_HOST: {
    status: 400,
    section: 'RFC 9110 §7.2',
    message: 'Host must be a host with an optional port',
  },
  ERR_INVALID_CONTENT_LENGTH: {
    status: 400,
    section: 'RFC 9110 §8.6',
    message: 'Content-Length must be decimal digits and nothing else',
  },
  ERR_REPEATED_CONTENT_LENGTH: {
    status: 400,
    section: 'RFC 9112 §6.3',
    message: 'More than one Content-Length, as several lines or as a list',
  },
  ERR_CONTENT_LENGTH_TOO_LARGE: {
    status: 400,
    section: 'RFC 9110 §8.6',
    message: 'Content-Length is above 2^53 - 1, so it can not be counted exactly',
  },
  ERR_CONTENT_LENGTH_AND_TRANSFER_ENCODING: {
    status: 400,
    section: 'RFC 9112 §6.1',
    message: 'Content-Length and Transfer-Encoding in one message: the mark of request smuggling',
  },
  ERR_TRANSFER_ENCODING_IN_HTTP_1_0: {
    status: 400,
    section: 'RFC 9112 §6.1',
    message: 'Transfer-Encoding in an HTTP/1.0 message: its framing is faulty',
  },
  ERR_INVALID_TRANSFER_ENCODING: {
    status: 400,
    section: 'RFC 9112 §6.3',
    message: 'Transfer-Encoding must be a list of codings that ends in chunked, used once',
  },
  ERR_UNKNOWN_TRANSFER_CODING: {
    status: 501,
    section: 'RFC 9112 §6.1',
    message: 'A transfer coding before chunked that is not implemented',
  },
  ERR_INVALID_CHUNK_SIZE: {
    status: 400,
    section: 'RFC 9112 §7.1',
    message: 'A chunk size must be hexadecimal digits, followed by an extension or CRLF',
  },
  ERR_CHUNK_SIZE_TOO_LARGE: {
    status: 400,
    section: 'RFC 9112 §7.1',
    message: 'A chunk size has more than 16 digits or is above 2^53 - 1',
  },
  ERR_INVALID_CHUNK_EXTENSION: {
    status: 400,
    section: 'RFC 9112 §7.1.1',
    message: 'A chunk extension must be a name with an optional token or quoted string as value',
  },
  ERR_CHUNK_EXTENSIONS_TOO_LARGE: {
    status: 400,
    section: 'RFC 9112 §7.1.1',
    message: 'The chunk extensions of one body are larger than maxChunkExtensionBytes',
  },
  ERR_INVALID_CHUNK_END: {
    status: 400,
    section: 'RFC 9112 §7.1',
    message: 'The data of a chunk must be followed by CRLF',
  },
  ERR_FORBIDDEN_TRAILER: {
    status: 400,
    section: 'RFC 9110 §6.5.1',
    message: 'A field that frames, routes, authenticates or describes the message came as a trailer',
  },
  ERR_TRAILERS_TOO_LARGE: {
    status: 431,
    section: 'RFC 6585 §5',
    message: 'The trailer section is larger than maxTrailerBytes',
  },
  ERR_INCOMPLETE_HEAD: {
    status: 400,
    section: 'RFC 9112 §8',
    message: 'The stream ended in the middle of a head',
  },
  ERR_INCOMPLETE_BODY: {
    status: 400,
    section: 'RFC 9112 §8',
    message: 'The stream ended before Content-Length bytes had come',
  },
  ERR_INCOMPLETE_CHUNKED_BODY: {
    status: 400,
    section: 'RFC 9112 §8',
    message: 'The stream ended before the last chunk and the empty line after it',
  },
} as const satisfies Record<string, ErrorDescription>

/** A stable name for one way a message can be refused. */
export type ParseErrorCode = keyof typeof ERRORS
