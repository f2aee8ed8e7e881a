// tsws --use examples/hello.ts
//   curl localhost:8080/hello
import { HttpError, respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'

/** `GET /hello` says hello; everything else is for the next layer. */
const hello: Middleware = (request, next) => {
  if (request.pathname !== '/hello') return next(request)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new HttpError(405, 'say GET to /hello', { headers: { Allow: 'GET, HEAD' } })
  }
  return respond.text('Hello, World!')
}

export default hello
