import { compose, HttpError, respond } from '@tsws/http'
import type { HttpResponse } from '@tsws/http'
import { expect, test } from 'vitest'
import { health, Readiness } from '../src/index.ts'
import type { HealthOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

function ask(options: HealthOptions, target: string, method = 'GET'): HttpResponse | Promise<HttpResponse> {
  return compose([health(options)], () => respond.text('the site'))(fakeRequest({ target, method }))
}

async function bodyOf(response: HttpResponse | Promise<HttpResponse>): Promise<unknown> {
  return JSON.parse((await response).body as string)
}

test('/health says ok in JSON, not to be cached', async () => {
  const response = await ask({}, '/health')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await bodyOf(response)).toEqual({ status: 'ok', uptime: expect.any(Number) })
})

test('a query does not matter, another path does', async () => {
  expect((await ask({}, '/health?x=1')).status).toBe(200)
  for (const target of ['/', '/healthy', '/health/', '/HEALTH', '/a/health']) {
    expect((await ask({}, target)).body).toBe('the site')
  }
})

test('HEAD is answered like GET', async () => {
  expect((await ask({}, '/health', 'HEAD')).status).toBe(200)
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'get'])('%s is refused with what is allowed', (method) => {
  for (const target of ['/health', '/health/ready']) {
    try {
      void ask({}, target, method)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(HttpError)
      expect((error as HttpError).status).toBe(405)
      expect((error as HttpError).headers?.get('allow')).toBe('GET, HEAD')
    }
  }
})

test('while the server drains both say 503', async () => {
  for (const target of ['/health', '/health/ready']) {
    const response = await ask({ isDraining: () => true, readiness: new Readiness() }, target)
    expect(response.status).toBe(503)
    expect(await bodyOf(response)).toMatchObject({ status: 'draining' })
  }
})

test('without checks the server is ready', async () => {
  expect(await bodyOf(ask({}, '/health/ready'))).toEqual({ status: 'ok', checks: {} })
})

test('a failing check makes the server unready but not dead, and keeps its reason to itself', async () => {
  const readiness = new Readiness()
  readiness.add('database', () => {
    throw new Error('password for db.internal refused')
  })
  readiness.add('queue', async () => 'fine')
  const response = await ask({ readiness }, '/health/ready')
  expect(response.status).toBe(503)
  expect(response.body).not.toContain('password')
  expect(await bodyOf(response)).toEqual({
    status: 'unavailable',
    checks: {
      database: { status: 'failed', durationMs: expect.any(Number) },
      queue: { status: 'ok', durationMs: expect.any(Number) },
    },
  })
  expect((await ask({ readiness }, '/health')).status).toBe(200)
})

test('the paths can be chosen', async () => {
  const options = { path: '/livez', readyPath: '/readyz' }
  expect((await ask(options, '/livez')).status).toBe(200)
  expect(await bodyOf(ask(options, '/readyz'))).toEqual({ status: 'ok', checks: {} })
  expect((await ask(options, '/health')).body).toBe('the site')
})

test.each([
  [{ path: 'health' }, /path must start with "\/"/],
  [{ readyPath: '' }, /readyPath must start with "\/"/],
  [{ path: '/x', readyPath: '/x' }, /both "\/x"/],
])('%j is refused with the reason', (options, message) => {
  expect(() => health(options)).toThrow(TypeError)
  expect(() => health(options)).toThrow(message)
})
