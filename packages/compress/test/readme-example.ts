import { createServer } from 'node:http'
import { compress, forNodeHttp } from '../src/index.ts'

export const page = `<!doctype html><title>hello</title>${'<p>Some text that is worth it.</p>\n'.repeat(100)}`

const send = forNodeHttp(compress())

export const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  void send(request, response, page)
})
