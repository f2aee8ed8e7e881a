import { HeaderBlock } from '@tsws/http'
import type { HttpResponse, Middleware } from '@tsws/http'

const common = new HeaderBlock({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' })

function addCommon(response: HttpResponse): HttpResponse {
  response.headers.addBlock(common) // what the handler set itself stays
  return response
}

export const withCommon: Middleware = (request, next) => {
  const response = next(request)
  return response instanceof Promise ? response.then(addCommon) : addCommon(response)
}
