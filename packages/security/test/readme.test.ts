import { readFile } from 'node:fs/promises'
import type { Handler } from '@tsws/http'
import { expect, test } from 'vitest'
import {
  BASIC_AUTH_DEFAULTS,
  BEARER_AUTH_DEFAULTS,
  CORS_DEFAULTS,
  DEFAULTS,
  RATE_LIMIT_DEFAULTS,
} from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'
import { errorResponse, handler } from './readme-example.ts'
import { JWT_DEFAULTS } from '../src/jwt.ts'
import { withPassword, withToken } from './readme-auth.ts'
import { errorResponse as sharedError, handler as shared } from './readme-cors.ts'
import { handler as limited } from './readme-rate-limit.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test.each(['readme-example.ts', 'readme-rate-limit.ts', 'readme-cors.ts', 'readme-auth.ts'])(
  'the README shows %s, which runs here',
  async (file) => {
    expect(readme).toContain(await readFile(new URL(file, import.meta.url), 'utf8'))
  },
)

test('the example names the client behind a proxy and carries its policy', async () => {
  const response = await handler(
    fakeRequest({
      headers: { host: 'example.com', 'x-forwarded-for': '203.0.113.9' },
      connection: { remoteAddress: '127.0.0.1' },
    }),
  )
  expect(response.body).toBe('You come from 203.0.113.9\n')
  expect(response.headers.get('content-security-policy')).toBe("default-src 'self'; frame-ancestors 'none'")
})

test('the example refuses a foreign host with an answer that carries its policy', () => {
  const request = fakeRequest({ headers: { host: 'evil.com' } })
  let response
  try {
    void handler(request)
  } catch (error) {
    response = errorResponse(error, request)
  }
  expect(response?.status).toBe(421)
  expect(response?.headers.get('content-security-policy')).toBe("default-src 'self'; frame-ancestors 'none'")
})

test('the example of the rate limit lets a hundred requests through, and monitoring always', async () => {
  const ask = async (client: string): Promise<number> => {
    const headers = { 'x-forwarded-for': client }
    return (await limited(fakeRequest({ headers, connection: { remoteAddress: '127.0.0.1' } }))).status
  }
  for (let at = 0; at < 100; at++) expect(await ask('192.0.2.1')).toBe(200)
  expect(await ask('192.0.2.1')).toBe(429)
  for (let at = 0; at < 200; at++) expect(await ask('203.0.113.1')).toBe(200)
})

test('the example of CORS shares answers and errors with a preview of its app', async () => {
  const headers = { origin: 'https://a.preview.example' }
  const answer = await shared(fakeRequest({ target: '/data', headers }))
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://a.preview.example')
  const request = fakeRequest({ headers })
  expect(() => shared(request)).toThrow('Not Found')
  expect(sharedError(new Error('x'), request).headers.get('access-control-allow-credentials')).toBe('true')
})

test('the examples of authentication let in Ada, by password and by token, and nobody else', async () => {
  const ask = (handler: Handler, authorization: string) =>
    handler(fakeRequest({ headers: { authorization } }))
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`
  const connection = { encrypted: true }
  const letIn = await withPassword(
    fakeRequest({ headers: { authorization: basic('ada:lovelace') }, connection }),
  )
  expect(letIn.body).toBe('Hello, ada\n')
  expect(
    (await withPassword(fakeRequest({ headers: { authorization: basic('ada:x') }, connection }))).status,
  ).toBe(401)
  expect((await ask(withToken, 'Bearer a-good-one')).body).toBe('{"sub":"ada","scope":"read"}')
  expect((await ask(withToken, 'Bearer another')).status).toBe(401)
})

test('the README names every option', () => {
  const options = [
    'limit',
    'store',
    ...Object.keys(RATE_LIMIT_DEFAULTS),
    ...Object.keys(CORS_DEFAULTS),
    'users',
    ...Object.keys(BASIC_AUTH_DEFAULTS),
    ...Object.keys(BEARER_AUTH_DEFAULTS),
    ...Object.keys(JWT_DEFAULTS),
    ...Object.keys(DEFAULTS),
  ]
  for (const option of options) expect(readme).toContain(`| \`${option}\` |`)
})
