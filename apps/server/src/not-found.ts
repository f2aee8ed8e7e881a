import { HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { refuseUnknownMethod } from './server-wide.ts'
import { wantsHtml } from './wants-html.ts'

// Nothing of the request stands in the page: what a client sent must not come back as markup (CWE-79).
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>404 Not Found</title>
<h1>404 Not Found</h1>
<p>There is nothing at this address.</p>
</html>
`
const TEXT = 'Not Found\n'

// A cache must not give the page to a program, nor the line to a browser (RFC 9110 §12.5.5).
const HTML_FIELDS = new HeaderBlock({ 'Content-Type': 'text/html; charset=utf-8', Vary: 'Accept' })
const TEXT_FIELDS = new HeaderBlock({ 'Content-Type': 'text/plain; charset=utf-8', Vary: 'Accept' })

/** The last handler: nobody had an answer. A page for browsers, a line for everything else. */
export const notFound: Handler = (request) => {
  refuseUnknownMethod(request.method)
  const asPage = wantsHtml(request)
  return new HttpResponse(asPage ? PAGE : TEXT, {
    status: 404,
    headers: HttpHeaders.of(asPage ? HTML_FIELDS : TEXT_FIELDS),
  })
}
