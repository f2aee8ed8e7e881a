import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'

const server = createServer((request) => respond.text(`you asked for ${request.pathname}`))

// The path of production, without a port. Pieces arrive one by one: cut them where it hurts.
export const { responses } = await server.inject([
  'GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /t',
  'wo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
])

// Or say what you ask for.
export const { response } = await server.inject({ method: 'GET', target: '/three' })
