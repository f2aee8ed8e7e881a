import type { Body } from './body.ts'
import { HttpHeaders } from './headers.ts'
import type { HeadersInit } from './headers.ts'

export interface ResponseInit {
  /** 200 to 599. @default 200 */
  status?: number
  /** Copied, as Fetch does: what a layer adds to one answer never shows on the next (CWE-488). */
  headers?: HeadersInit | null
  /**
   * Fields to follow the body, asked for when the body has ended (RFC 9110 §6.5). They are sent
   * where the body goes out chunked, that is for a stream of unknown length over HTTP/1.1.
   */
  trailers?: (() => HttpHeaders | Promise<HttpHeaders>) | null
}

/**
 * The answer to a request. The server adds `Date`, `Content-Length` or `Transfer-Encoding`, and
 * `Connection`; a `Content-Length` that is set here is held to.
 */
export class HttpResponse {
  status: number
  readonly headers: HttpHeaders
  body: Body
  trailers: (() => HttpHeaders | Promise<HttpHeaders>) | null

  /** @throws {TypeError} for a field that cannot be sent: `ERR_INVALID_FIELD_NAME`, `ERR_INVALID_FIELD_VALUE` */
  constructor(body: Body = null, init?: ResponseInit) {
    this.body = body
    if (init === undefined) {
      this.status = 200
      this.headers = new HttpHeaders()
      this.trailers = null
    } else {
      this.status = init.status ?? 200
      this.headers = new HttpHeaders(init.headers)
      this.trailers = init.trailers ?? null
    }
  }
}
