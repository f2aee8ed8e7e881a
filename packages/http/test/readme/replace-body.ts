import { closeBody, respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'

/** Shows its own page for 404; the body that was there is given up, not forgotten. */
export const ownNotFound: Middleware = async (request, next) => {
  const response = await next(request)
  if (response.status !== 404) return response
  await closeBody(response.body)
  return respond.html('<h1>Nothing here</h1>', { status: 404 })
}
