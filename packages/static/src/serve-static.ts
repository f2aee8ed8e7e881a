import { acceptsMediaType, appendToList } from '@tsws/headers'
import { FileBody, HttpResponse, respond } from '@tsws/http'
import type { Handler, HttpRequest, Middleware } from '@tsws/http'
import { answerFromFile, answerFromMemory, answerOtherMethod, answerWith, needsFile } from './answer.ts'
import { Archives } from './archive.ts'
import type { ArchiveFormat } from './archive.ts'
import { CachedFile } from './cached-file.ts'
import type { Variant } from './cached-file.ts'
import { DirectoryReader } from './directory-reader.ts'
import { DocumentRoot, isRefusal } from './document-root.ts'
import { answerStylesheet, stylesheetPath } from './listing-page.ts'
import { answerListing } from './listing.ts'
import { resolveOptions } from './options.ts'
import type { StaticOptions } from './options.ts'
import { planAnswer, planWhole, usualStatus } from './plan.ts'
import type { AnswerPlan } from './plan.ts'
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
  const documentRoot = new DocumentRoot(root, resolved.followSymlinks)
  const files = new StaticFiles(documentRoot, resolved)
  const { base, spa, notFoundPage } = resolved
  const rules = { dotfiles: resolved.dotfiles }
  const archives = new Archives(documentRoot, rules, resolved.archives)
  const stylesheet = resolved.listing ? stylesheetPath(base) : null

  return function staticFiles(request: HttpRequest, next: Handler): HttpResponse | Promise<HttpResponse> {
    const { target } = request
    let known = files.recall(target)
    if (known === null) {
      const query = target.indexOf('?')
      if (query > 0 && archives.formatOf(target.slice(query)) === null)
        known = files.recall(target.slice(0, query))
    }
    return known === null ? look(request, next, 0) : answer(request, known, next, 0)
  }

  /** Everything but the usual request for a remembered file. */
  function look(request: HttpRequest, next: Handler, attempts: number): HttpResponse | Promise<HttpResponse> {
    const { pathname } = request
    if (!pathname.startsWith('/')) return next(request) // `OPTIONS *`, CONNECT
    if (pathname === base) return redirect(request, `${base}/`)
    if (base !== '' && !pathname.startsWith(`${base}/`)) return next(request)
    if (pathname === stylesheet)
      return isRead(request) ? answerStylesheet() : answerOtherMethod(request.method)
    const path = parseRequestPath(base === '' ? pathname : pathname.slice(base.length), rules)
    if (path.kind === 'refused') {
      if (path.because === 'malformed') return respond.text(`${path.reason}\n`, { status: 400 })
      return notFound(request, next)
    }
    const format = path.directory ? archives.formatOf(request.search) : null
    if (format !== null) return download(request, next, path, format)
    const key = files.keyOf(path)
    const known = files.recall(key)
    if (known !== null) return answer(request, known, next, attempts)
    return resolveAndAnswer(request, next, path, key, attempts)
  }

  async function resolveAndAnswer(
    request: HttpRequest,
    next: Handler,
    path: RequestPath,
    key: string,
    attempts: number,
  ): Promise<HttpResponse> {
    const found = await files.find(path, key)
    if (found instanceof CachedFile) return answer(request, found, next, attempts)
    if (found.kind === 'redirect') return redirect(request, found.to)
    if (found.kind === 'forbidden') return forbidden()
    if (found.kind === 'listing') return list(request, next, found.path)
    if (spa === null || !mayBePage(request, path)) return notFound(request, next)
    const page = wantsPage(request) ? await files.findPage(spa) : null
    const response =
      page instanceof CachedFile ? answer(request, page, next, attempts) : notFound(request, next)
    return varyByAccept(await response)
  }

  function answer(
    request: HttpRequest,
    file: CachedFile,
    next: Handler,
    attempts: number,
  ): HttpResponse | Promise<HttpResponse> {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return answerOtherMethod(method)
    const fields = request.headers
    const variant = file.isNegotiated ? file.select(fields.get('accept-encoding')) : file.identity
    const { bytes, representation } = variant
    const status = usualStatus(fields, representation)
    if (status === 304) return answerWith(304, null, representation.notModified)
    if (status === 200) {
      if (bytes !== null) return answerWith(200, bytes, representation.whole)
      return answerFromDisk(request, file, variant, planWhole(representation), next, attempts)
    }
    const plan = planAnswer(method, fields, representation)
    if (bytes !== null || !needsFile(plan)) return answerFromMemory(plan, bytes)
    return answerFromDisk(request, file, variant, plan, next, attempts)
  }

  async function answerFromDisk(
    request: HttpRequest,
    file: CachedFile,
    variant: Variant,
    plan: AnswerPlan,
    next: Handler,
    attempts: number,
  ): Promise<HttpResponse> {
    const opened = await files.open(file, variant)
    if (opened === null) {
      // Deleted since it was looked at; looking again finds what the URL leads to now.
      return attempts < MAX_ATTEMPTS ? look(request, next, attempts + 1) : notFound(request, next)
    }
    if (opened.representation === variant.representation) return answerFromFile(plan, opened.file)
    // Exchanged since: the plan was about another file.
    const fresh = planAnswer(request.method, request.headers, opened.representation)
    if (needsFile(fresh)) return answerFromFile(fresh, opened.file)
    await opened.file.close()
    return answerFromMemory(fresh, null)
  }

  async function download(
    request: HttpRequest,
    next: Handler,
    { path }: RequestPath,
    format: ArchiveFormat,
  ): Promise<HttpResponse> {
    const opened = await documentRoot.open(path)
    if (opened.kind === 'file') await opened.file.close()
    if (opened.kind !== 'directory')
      return opened.kind === 'forbidden' ? forbidden() : notFound(request, next)
    return isRead(request) ? archives.answer(path, format) : answerOtherMethod(request.method)
  }

  async function list(request: HttpRequest, next: Handler, path: string): Promise<HttpResponse> {
    if (!isRead(request)) return answerOtherMethod(request.method)
    try {
      const reader = await DirectoryReader.open(documentRoot, path, rules)
      if (reader === null) return notFound(request, next)
      return answerListing(request, reader, {
        base,
        stylesheet: stylesheet as string,
        archives: archives.formats,
      })
    } catch (error) {
      if (isRefusal(error)) return forbidden()
      throw error
    }
  }

  function notFound(request: HttpRequest, next: Handler): HttpResponse | Promise<HttpResponse> {
    if (notFoundPage === null || !isRead(request)) return next(request)
    return answerNotFound(request, next, notFoundPage)
  }

  async function answerNotFound(request: HttpRequest, next: Handler, path: string): Promise<HttpResponse> {
    const page = await files.findPage(path)
    if (!(page instanceof CachedFile)) return next(request)
    const { bytes, representation } = page.identity
    const opened = bytes === null ? await files.open(page, page.identity) : null
    const body = bytes ?? (opened === null ? null : new FileBody(opened.file, 0, opened.representation.size))
    if (body === null) return next(request)
    // No validators: they are the page's, and the page is not what was asked for.
    const headers = { 'Content-Type': representation.contentType, 'Cache-Control': 'no-cache' }
    return new HttpResponse(body, { status: 404, headers })
  }
}

/** Times a request starts anew because its file was gone between the look and the opening. */
const MAX_ATTEMPTS = 5

function isRead({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function forbidden(): HttpResponse {
  return respond.text('Forbidden\n', { status: 403 })
}

/** `to` starts with one `/` and was built from checked parts; the query goes along untouched. */
function redirect(request: HttpRequest, to: string): HttpResponse {
  if (!isRead(request)) return answerOtherMethod(request.method)
  // A permanent redirect is kept for ever by browsers (RFC 9110 §15.4.2), but a folder may become a page tomorrow.
  const response = respond.redirect(to + request.search, 301, { headers: { 'Cache-Control': 'no-cache' } })
  response.body = '' // known to be empty, so that a HEAD can say so too
  return response
}

/** Perhaps a navigation inside a single-page application, and not one of its assets: those are missed loudly. */
function mayBePage(request: HttpRequest, { path }: RequestPath): boolean {
  return isRead(request) && !path.slice(path.lastIndexOf('/') + 1).includes('.')
}

function wantsPage(request: HttpRequest): boolean {
  return acceptsMediaType(request.headers.get('accept'), 'text/html') > 0
}

/** RFC 9110 §12.5.5: who accepts something else is answered something else. */
function varyByAccept(response: HttpResponse): HttpResponse {
  const { headers } = response
  headers.set('Vary', appendToList(headers.get('vary'), 'Accept'))
  return response
}
