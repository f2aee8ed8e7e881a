import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DEFAULTS } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'
import { errorResponse, handler } from './readme-example.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README shows the example that runs here', async () => {
  expect(readme).toContain(await readFile(new URL('./readme-example.ts', import.meta.url), 'utf8'))
})

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

test('the README names every option of securityHeaders', () => {
  for (const option of Object.keys(DEFAULTS)) expect(readme).toContain(`| \`${option}\` |`)
})
