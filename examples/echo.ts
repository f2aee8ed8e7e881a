// tsws --use examples/echo.ts
//   curl -d 'some bytes' localhost:8080/echo
import { HttpError, HttpResponse } from '@tsws/http'
import type { HttpRequest, Middleware } from '@tsws/http'

/** `POST /echo` gives the body back, chunks undone; other methods of /echo are refused. */
const echo: Middleware = (request, next) => {
  if (request.pathname !== '/echo') return next(request)
  if (request.method === 'POST') return sendBack(request)
  throw new HttpError(405, 'POST a body to /echo', { headers: { Allow: 'POST' } })
}

/**
 * The whole body is read before the answer starts: a body that breaks its framing half-way then
 * gets a clean 400, which is no longer possible once a 200 is on its way.
 */
async function sendBack(request: HttpRequest): Promise<HttpResponse> {
  const body = await request.bytes()
  // Never the client's own Content-Type: sent back as text/html, anyone's script would run on this origin.
  return new HttpResponse(body, { headers: { 'Content-Type': 'application/octet-stream' } })
}

export default echo
