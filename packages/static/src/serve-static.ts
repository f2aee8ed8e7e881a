import { acceptsMediaType } from '@tsws/headers'
import { formatContentRange, formatUnsatisfiedRange } from '@tsws/headers'
import { FileBody, HeaderBlock, HttpError, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import type { Handler, HttpRequest, Middleware } from '@tsws/http'
import { CachedFile } from './cached-file.ts'
import type { Variant } from './cached-file.ts'
import { DocumentRoot } from './document-root.ts'
import { isRange, planMultipart } from './multipart.ts'
import { resolveOptions } from './options.ts'
import type { StaticOptions } from './options.ts'
import { PiecewiseBody } from './piecewise-body.ts'
import { isPlain, selectContent } from './plan.ts'
import type { Selection } from './plan.ts'
import { parseRequestPath } from './request-path.ts'
import type { RequestPath } from './request-path.ts'
import { StaticFiles } from './static-files.ts'

/**
 * Answers with the files below `root`. What it does not find it leaves to `next`.
 *
 * @throws {TypeError} for a root that is missing or no folder, and for an option that is not one
 */
export function serveStatic(root: string, options?: StaticOptions): Middleware {
  const resolved = resolveOptions(options)
  const files = new StaticFiles(new DocumentRoot(root, resolved.followSymlinks), resolved)
  const { base, spa, notFoundPage } = resolved
  const rules = { dotfiles: resolved.dotfiles }

  return function staticFiles(request: HttpRequest, next: Handler): HttpResponse | Promise<HttpResponse> {
    const known = files.recall(request.target)
    return known === null ? look(request, next) : answer(request, known, next)
  }

  /** Everything but the usual request for a remembered file. */
  function look(request: HttpRequest, next: Handler): HttpResponse | Promise<HttpResponse> {
    const { pathname } = request
    if (!pathname.startsWith('/')) return next(request) // `OPTIONS *`, CONNECT
    if (pathname === base) return redirect(`${base}/`, request)
    if (base !== '' && !pathname.startsWith(`${base}/`)) return next(request)
    const path = parseRequestPath(base === '' ? pathname : pathname.slice(base.length), rules)
    if (path.kind === 'refused') {
      return path.because === 'malformed'
        ? respond.text(`${path.reason}\n`, { status: 400 })
        : notFound(request, next)
    }
    const key = files.keyOf(path)
    const known = files.recall(key)
    return known === null ? resolveAndAnswer(request, next, path, key) : answer(request, known, next)
  }

  async function resolveAndAnswer(
    request: HttpRequest,
    next: Handler,
    path: RequestPath,
    key: string,
  ): Promise<HttpResponse> {
    const found = await files.find(path, key)
    if (found instanceof CachedFile) return answer(request, found, next)
    if (found.kind === 'redirect') return redirect(found.to, request)
    if (found.kind === 'forbidden') return respond.text('Forbidden\n', { status: 403 })
    if (spa !== null && wantsPage(request, path)) {
      const page = await files.findPage(spa)
      if (page instanceof CachedFile) return answer(request, page, next)
    }
    return notFound(request, next)
  }

  function answer(
    request: HttpRequest,
    file: CachedFile,
    next: Handler,
  ): HttpResponse | Promise<HttpResponse> {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return methodNotServed(method)
    const fields = request.headers
    const variant = file.isNegotiated ? file.select(fields.get('accept-encoding')) : file.identity
    if (isPlain(fields)) {
      const { bytes, representation } = variant
      if (bytes !== null) return new HttpResponse(bytes, { headers: HttpHeaders.of(representation.whole) })
      return answerFromDisk(request, file, variant, WHOLE, next)
    }
    const selection = selectContent(method, fields, variant.representation)
    return answerSelection(request, file, variant, selection, next)
  }

  function answerSelection(
    request: HttpRequest,
    file: CachedFile,
    variant: Variant,
    selection: Selection,
    next: Handler,
  ): HttpResponse | Promise<HttpResponse> {
    const { representation, bytes } = variant
    switch (selection.status) {
      case 304:
        return new HttpResponse(null, { status: 304, headers: HttpHeaders.of(representation.notModified) })
      case 412:
        return respond.text('Precondition Failed\n', { status: 412 })
      case 416: {
        const response = respond.text('Range Not Satisfiable\n', { status: 416 })
        response.headers.set('Content-Range', formatUnsatisfiedRange(representation.size))
        return response
      }
    }
    if (bytes === null) return answerFromDisk(request, file, variant, selection, next)
    return contentResponse(variant, selection, {
      range: (start, end) => bytes.subarray(start, end),
      pieces: (pieces) =>
        Buffer.concat(
          pieces.map((piece) => (isRange(piece) ? bytes.subarray(piece.start, piece.end) : piece)),
        ),
    })
  }

  async function answerFromDisk(
    request: HttpRequest,
    file: CachedFile,
    variant: Variant,
    selection: Selection,
    next: Handler,
  ): Promise<HttpResponse> {
    const opened = await files.open(file, variant)
    // Exchanged since: everything said so far is about another file. `file` is forgotten, so that this begins anew.
    if (opened === null) return retry(request, next)
    return contentResponse(variant, selection, {
      range: (start, end) => new FileBody(opened.file, start, end - start),
      pieces: (pieces) => new PiecewiseBody(opened.file, pieces),
    })
  }

  async function retry(request: HttpRequest, next: Handler): Promise<HttpResponse> {
    const attempts = ((request.state.get(ATTEMPTS) as number | undefined) ?? 0) + 1
    if (attempts > MAX_ATTEMPTS) {
      throw new HttpError(503, 'the file changes faster than it can be opened', {
        code: 'ERR_FILE_UNSTABLE',
        headers: { 'Retry-After': '1' },
      })
    }
    request.state.set(ATTEMPTS, attempts)
    return look(request, next)
  }

  async function notFound(request: HttpRequest, next: Handler): Promise<HttpResponse> {
    if (notFoundPage === null || (request.method !== 'GET' && request.method !== 'HEAD')) return next(request)
    const page = await files.findPage(notFoundPage)
    if (!(page instanceof CachedFile)) return next(request)
    const { bytes, representation } = page.identity
    const opened = bytes === null ? await files.open(page, page.identity) : null
    const body = bytes ?? (opened === null ? null : new FileBody(opened.file, 0, representation.size))
    if (body === null) return next(request)
    // No validators: they are the page's, and the page is not what was asked for.
    const headers = { 'Content-Type': representation.contentType, 'Cache-Control': 'no-cache' }
    return new HttpResponse(body, { status: 404, headers })
  }
}

interface ContentSource {
  range(start: number, end: number): Uint8Array | FileBody
  pieces(pieces: ReturnType<typeof planMultipart>['pieces']): Uint8Array | PiecewiseBody
}

/** 200 or 206 with content. */
function contentResponse(variant: Variant, selection: Selection, source: ContentSource): HttpResponse {
  const { representation } = variant
  const headers = HttpHeaders.of(representation.whole)
  const { ranges } = selection
  const [first] = ranges ?? []
  if (ranges === null || first === undefined) {
    return new HttpResponse(source.range(0, representation.size), { headers })
  }
  if (ranges.length === 1) {
    headers.set('Content-Range', formatContentRange(first, representation.size))
    return new HttpResponse(source.range(first.start, first.end), { status: 206, headers })
  }
  const content = planMultipart(ranges, representation.size, representation.contentType)
  headers.set('Content-Type', content.contentType)
  headers.set('Content-Length', content.length)
  return new HttpResponse(source.pieces(content.pieces), { status: 206, headers })
}

const WHOLE: Selection = Object.freeze({ status: 200, ranges: null })
const ATTEMPTS = Symbol('attempts to open a file that is being replaced')
/** Times a request starts anew because its file was replaced between look and open. */
const MAX_ATTEMPTS = 5

/** RFC 9110 §10.2.1: what a file can be asked. */
const ALLOW = new HeaderBlock({ Allow: 'GET, HEAD, OPTIONS' })

/** RFC 9110 §15.5.6; §9.3.7 for OPTIONS. */
function methodNotServed(method: string): HttpResponse {
  if (method === 'OPTIONS') return new HttpResponse(null, { status: 204, headers: HttpHeaders.of(ALLOW) })
  const response = respond.text('Method Not Allowed\n', { status: 405 })
  response.headers.addBlock(ALLOW)
  return response
}

/** The path was built from checked parts and starts with one `/`; the query goes along untouched. */
function redirect(to: string, request: HttpRequest): HttpResponse {
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD') return methodNotServed(method)
  return respond.redirect(to + request.search, 301)
}

/** A navigation inside a single-page application, and not one of its assets: those are missed loudly. */
function wantsPage(request: HttpRequest, { path }: RequestPath): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (path.slice(path.lastIndexOf('/') + 1).includes('.')) return false
  return acceptsMediaType(request.headers.get('accept'), 'text/html') > 0
}
