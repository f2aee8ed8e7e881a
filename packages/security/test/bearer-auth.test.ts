import { compose, HttpError, respond } from '@tsws/http'
import type { HttpResponse } from '@tsws/http'
import { describe, expect, test } from 'vitest'
import { bearerAuth, identityOf } from '../src/index.ts'
import type { BearerAuthOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

function door(options: Partial<BearerAuthOptions> = {}) {
  const verify = (token: string) => (token === 'good' ? { sub: 'ada', scope: 'read write' } : null)
  const handle = compose([bearerAuth({ verify, ...options })], (request) =>
    respond.json(identityOf(request) as object | null, { headers: { 'Cache-Control': 'public' } }),
  )
  return async (authorization?: string): Promise<HttpResponse> =>
    handle(fakeRequest({ headers: authorization === undefined ? {} : { authorization } }))
}

const challenge = ({ headers }: HttpResponse): string | null => headers.get('www-authenticate')

test('who brings a good token is let in by its sub, and the answer is private', async () => {
  const response = await door()('Bearer good')
  expect(JSON.parse(response.body as string)).toEqual({
    scheme: 'bearer',
    name: 'ada',
    claims: { sub: 'ada', scope: 'read write' },
  })
  expect(response.headers.get('cache-control')).toBe('private')
})

test.each([undefined, 'Basic YTpi', 'Bearerish good'])('%j is challenged without an error', async (field) => {
  const response = await door({ realm: 'api' })(field)
  expect(response.status).toBe(401)
  expect(challenge(response)).toBe('Bearer realm="api"')
  expect(challenge(await door()(field))).toBe('Bearer')
})

test.each(['Bearer', 'Bearer a b', 'Bearer good, Bearer good', 'Bearer "good"'])(
  '%j is an invalid request',
  async (field) => {
    const response = await door()(field)
    expect(response.status).toBe(400)
    expect(challenge(response)).toBe(
      'Bearer error="invalid_request", error_description="the credentials are no token"',
    )
  },
)

test('a token that is not good is an invalid token', async () => {
  const response = await door()('Bearer bad')
  expect(response.status).toBe(401)
  expect(challenge(response)).toBe('Bearer error="invalid_token", error_description="the token is not valid"')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

describe('scopes', () => {
  test('that a token all has let it in', async () => {
    expect((await door({ scopes: ['write', 'read'] })('Bearer good')).status).toBe(200)
    const scp = door({ scopes: ['read'], verify: async () => ({ scp: ['read'] }) })
    expect((await scp('Bearer any')).status).toBe(200)
  })

  test('that it lacks are 403, and named', async () => {
    const response = await door({ scopes: ['read', 'admin'] })('Bearer good')
    expect(response.status).toBe(403)
    expect(challenge(response)).toBe(
      'Bearer error="insufficient_scope", error_description="the token does not reach that far", scope="read admin"',
    )
    expect((await door({ scopes: ['rea'] })('Bearer good')).status).toBe(403)
  })
})

test('what verify throws is thrown', async () => {
  const down = new HttpError(503)
  const ask = door({
    verify: () => {
      throw down
    },
  })
  await expect(ask('Bearer good')).rejects.toBe(down)
  await expect(door({ verify: () => Promise.reject(down) })('Bearer good')).rejects.toBe(down)
})

test.each([true, 'ada', undefined])('a verify that says %j lets nobody in', async (said) => {
  expect((await door({ verify: () => said as never })('Bearer good')).status).toBe(401)
})

test('what is skipped needs no token', async () => {
  expect((await door({ skip: () => true })()).body).toBe('null')
})

test.each<[object, RegExp]>([
  [{}, /verify must be a function, got undefined/],
  [{ verify: () => null, scopes: 'read' }, /scopes must be a list of words/],
  [{ verify: () => null, scopes: ['a b'] }, /scopes must be a list of words/],
  [{ verify: () => null, realm: 'ü' }, /realm must be/],
  [{ verify: () => null, scope: [] }, /no option scope; there are verify, scopes/],
])('%j is refused with the reason', (options, message) => {
  const make = () => bearerAuth(options as unknown as BearerAuthOptions)
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})
