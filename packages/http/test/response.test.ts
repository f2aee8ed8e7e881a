import { expect, test } from 'vitest'
import { HeaderBlock, HttpHeaders, HttpResponse } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

test('a response is 200, without fields, body or trailers, unless said otherwise', () => {
  const response = new HttpResponse()
  expect(response.status).toBe(200)
  expect(response.body).toBe(null)
  expect(response.trailers).toBe(null)
  expect([...response.headers]).toEqual([])
  expect(new HttpResponse('x', {}).status).toBe(200)
})

test('a response takes what it is given', () => {
  const trailers = () => new HttpHeaders({ 'X-Sum': '1' })
  const response = new HttpResponse('x', { status: 201, headers: { Location: '/a' }, trailers })
  expect(response.status).toBe(201)
  expect(response.body).toBe('x')
  expect(response.headers.get('location')).toBe('/a')
  expect(response.trailers).toBe(trailers)
  expect([...new HttpResponse('x', { headers: null, trailers: null }).headers]).toEqual([])
})

test('a response refuses fields that cannot be sent', () => {
  expect(() => new HttpResponse('x', { headers: { A: 'a\r\nb' } })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_FIELD_VALUE' }),
  )
})

test('headers that several responses are made of are not changed through one of them', () => {
  const common = new HttpHeaders({ 'X-Common': '1' })
  const block = HttpHeaders.of(new HeaderBlock({ 'X-Block': '1' }))
  for (const headers of [common, block]) {
    const first = new HttpResponse('x', { headers })
    first.headers.append('Set-Cookie', 'session=of-the-first')
    const second = new HttpResponse('y', { headers })
    expect(second.headers.getSetCookie()).toEqual([])
    expect(headers.getSetCookie()).toEqual([])
  }
})

test('headers changed afterwards leave the response as it was', () => {
  const headers = new HttpHeaders({ A: '1' })
  const response = new HttpResponse('x', { headers })
  headers.set('A', '2')
  expect(response.headers.get('a')).toBe('1')
})

test('a response made of the request’s headers says that it mentions framing, and leaves the request alone', () => {
  const request = fakeRequest({ headers: { 'Content-Length': '5', A: '1' } })
  const response = new HttpResponse('x', { headers: request.headers })
  expect(response.headers.mentionsFraming).toBe(true)
  response.headers.delete('content-length')
  expect(response.headers.encode()).toBe('a: 1\r\n')
  expect(request.headers.get('content-length')).toBe('5')
})
