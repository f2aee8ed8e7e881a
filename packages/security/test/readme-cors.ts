import { compose, HttpError, respond } from '@tsws/http'
import { cors } from '@tsws/security'

const sharing = cors({
  origins: ['https://app.example', 'https://*.preview.example'],
  credentials: true,
  exposedHeaders: ['Retry-After'],
})

export const handler = compose([sharing.middleware], (request) => {
  if (request.pathname !== '/data') throw new HttpError(404)
  return respond.json({ answer: 42 })
})

// Errors are thrown past every middleware: give this to the engine.
export const errorResponse = sharing.errorResponse()
