// hello.ts
import { respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'

const hello: Middleware = (request, next) =>
  request.pathname === '/hello' ? respond.text('Hello, World!') : next(request)

export default hello
