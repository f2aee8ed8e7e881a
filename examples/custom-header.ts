// tsws ./site --use examples/custom-header.ts
//   curl -I localhost:8080/
import type { HttpResponse, Middleware } from '@tsws/http'

/** Adds a field to every answer that comes back from the layers below, files included. */
const poweredByCuriosity: Middleware = (request, next) => {
  const response = next(request)
  // A handler may answer at once or later; waiting only where there is something to wait for keeps the fast path fast.
  return response instanceof Promise ? response.then(mark) : mark(response)
}

function mark(response: HttpResponse): HttpResponse {
  response.headers.set('X-Powered-By', 'curiosity')
  return response
}

export default poweredByCuriosity
