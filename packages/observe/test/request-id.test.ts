import { compose, HttpResponse, respond } from '@tsws/http'
import { expect, test } from 'vitest'
import { requestId } from '../src/index.ts'
import type { RequestIdOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

async function ids(
  options: RequestIdOptions,
  given?: string,
): Promise<{ inside: string; outside: string | null }> {
  let inside = ''
  const handle = compose([requestId(options)], (request) => {
    inside = request.id
    return respond.empty()
  })
  const response = await handle(
    fakeRequest(given === undefined ? {} : { headers: { 'x-request-id': given } }),
  )
  return { inside, outside: response.headers.get('X-Request-Id') }
}

test('the answer carries the id that the handler saw', async () => {
  const { inside, outside } = await ids({})
  expect(inside).toMatch(/^[\w-]+$/)
  expect(outside).toBe(inside)
})

test('two requests have two ids', async () => {
  expect((await ids({})).inside).not.toBe((await ids({})).inside)
})

test('an id from outside is ignored by default', async () => {
  const { inside, outside } = await ids({}, 'from-outside')
  expect(inside).not.toBe('from-outside')
  expect(outside).toBe(inside)
})

test.each([
  'from-outside',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  '550e8400-e29b-41d4-a716-446655440000',
  'a/b+c=',
  'x'.repeat(128),
])('a well-formed id is taken over where that is allowed: %s', async (given) => {
  expect(await ids({ inbound: true }, given)).toEqual({ inside: given, outside: given })
})

test.each(['', 'a b', 'a, b', 'x'.repeat(129), '<script>', '"', 'é', 'a;b', '{"level":50}'])(
  'an id that is not well-formed is not taken over: %j',
  async (given) => {
    expect((await ids({ inbound: true }, given)).inside).not.toBe(given)
  },
)

test('a function decides whose ids are taken over', async () => {
  expect(
    (await ids({ inbound: (request) => request.remoteAddress === '10.0.0.1' }, 'given')).inside,
  ).not.toBe('given')
  expect(
    (await ids({ inbound: (request) => request.remoteAddress === '198.51.100.7' }, 'given')).inside,
  ).toBe('given')
})

test('another field can carry the id', async () => {
  const handle = compose([requestId({ header: 'X-Trace', inbound: true })], () => respond.empty())
  const response = await handle(fakeRequest({ headers: { 'x-trace': 'abc' } }))
  expect(response.headers.encode()).toBe('X-Trace: abc\r\n')
})

test('with echo off the answer does not carry it', async () => {
  expect((await ids({ echo: false })).outside).toBeNull()
})

test('an asynchronous answer carries it too', async () => {
  const handle = compose([requestId({ inbound: true })], async () => respond.empty())
  const response = await handle(fakeRequest({ headers: { 'x-request-id': 'abc' } }))
  expect(response.headers.get('x-request-id')).toBe('abc')
})

test('apply adds it to an answer that passed no middleware', () => {
  const middleware = requestId()
  const request = fakeRequest()
  const response = new HttpResponse(null)
  middleware.apply(response, request)
  middleware.apply(response, null)
  expect(response.headers.get('x-request-id')).toBe(request.id)
})

test('a header that is no field name is refused', () => {
  expect(() => requestId({ header: 'X Request' })).toThrow(TypeError)
})
