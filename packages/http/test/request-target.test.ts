import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeRequest } from './fake-request.ts'

interface Parts {
  method?: string
  target: string
  host: string
  pathname: string
  search: string
  url: string
}

// RFC 9112 §3.2: the four forms; §3.3: the target URI that each stands for.
const FORMS: readonly (readonly [string, Parts])[] = [
  [
    'origin-form',
    {
      target: '/a/b?c=d',
      host: 'h.example',
      pathname: '/a/b',
      search: '?c=d',
      url: 'http://h.example/a/b?c=d',
    },
  ],
  [
    'origin-form of the root',
    { target: '/', host: 'h.example', pathname: '/', search: '', url: 'http://h.example/' },
  ],
  [
    'origin-form with an empty query',
    { target: '/?', host: 'h.example', pathname: '/', search: '?', url: 'http://h.example/?' },
  ],
  [
    'origin-form with more question marks',
    { target: '/a?b?c', host: 'h.example', pathname: '/a', search: '?b?c', url: 'http://h.example/a?b?c' },
  ],
  [
    'origin-form that only looks like an authority',
    {
      target: '//evil.example/x',
      host: 'h.example',
      pathname: '//evil.example/x',
      search: '',
      url: 'http://h.example//evil.example/x',
    },
  ],
  [
    'origin-form with a URI in its query',
    {
      target: '/go?to=http://evil.example/',
      host: 'h.example',
      pathname: '/go',
      search: '?to=http://evil.example/',
      url: 'http://h.example/go?to=http://evil.example/',
    },
  ],
  [
    'origin-form that is not decoded',
    {
      target: '/a%2Fb%3F/../c',
      host: 'h.example',
      pathname: '/a%2Fb%3F/../c',
      search: '',
      url: 'http://h.example/a%2Fb%3F/../c',
    },
  ],
  [
    'absolute-form, whose authority counts and not Host',
    {
      target: 'http://other.example:81/a?b',
      host: 'other.example:81',
      pathname: '/a',
      search: '?b',
      url: 'http://other.example:81/a?b',
    },
  ],
  [
    'absolute-form without a path',
    {
      target: 'http://other.example',
      host: 'other.example',
      pathname: '/',
      search: '',
      url: 'http://other.example/',
    },
  ],
  [
    'absolute-form with a query and no path',
    {
      target: 'HTTP://other.example?b',
      host: 'other.example',
      pathname: '/',
      search: '?b',
      url: 'http://other.example/?b',
    },
  ],
  [
    'absolute-form with an IPv6 address',
    { target: 'http://[::1]:80/a', host: '[::1]:80', pathname: '/a', search: '', url: 'http://[::1]:80/a' },
  ],
  [
    'asterisk-form, whose URI has no path',
    { method: 'OPTIONS', target: '*', host: 'h.example', pathname: '*', search: '', url: 'http://h.example' },
  ],
  [
    'authority-form, whose URI is that authority',
    {
      method: 'CONNECT',
      target: 'other.example:443',
      host: 'other.example:443',
      pathname: '',
      search: '',
      url: 'http://other.example:443',
    },
  ],
]

test.each(FORMS)('the parts of %s', (_form, { method = 'GET', target, ...parts }) => {
  const request = fakeRequest({ method, target, headers: { Host: 'h.example' } })
  expect({
    host: request.host,
    pathname: request.pathname,
    search: request.search,
    url: request.url,
  }).toEqual(parts)
  expect(request.target).toBe(target)
})

describe('url', () => {
  test('has the scheme of the connection', () => {
    const request = fakeRequest({ target: '/a', headers: { Host: 'h' }, connection: { encrypted: true } })
    expect(request.url).toBe('https://h/a')
  })

  test('has no authority where neither target nor Host gives one (HTTP/1.0)', () => {
    const request = fakeRequest({ target: '/a', minorVersion: 0 })
    expect(request.host).toBe('')
    expect(request.url).toBe('http:///a')
  })

  test('agrees with the URL parser about path and query, for any origin-form it would not rewrite', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,5}$/)
    fc.assert(
      fc.property(fc.array(part), fc.option(fc.stringMatching(/^[a-z=&?/]{0,8}$/)), (segments, query) => {
        const target = `/${segments.join('/')}${query === null ? '' : `?${query}`}`
        const request = fakeRequest({ target, headers: { Host: 'h.example' } })
        const url = new URL(request.url)
        expect(request.pathname).toBe(url.pathname)
        expect(request.search.replace(/^\?$/, '')).toBe(url.search)
        expect(`${request.pathname}${request.search}`).toBe(target)
      }),
    )
  })
})

test('searchParams decodes the query, once', () => {
  const request = fakeRequest({ target: '/a?q=caf%C3%A9+au+lait&q=2&empty' })
  expect(request.searchParams.getAll('q')).toEqual(['café au lait', '2'])
  expect(request.searchParams.get('empty')).toBe('')
  expect(request.searchParams).toBe(request.searchParams)
  expect([...fakeRequest({ target: '/a' }).searchParams]).toEqual([])
})
