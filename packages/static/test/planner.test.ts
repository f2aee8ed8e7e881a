import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPlanner } from '../src/index.ts'
import { createFetchHandler } from './fetch-example.ts'
import { createFileServer } from './node-http-example.ts'
import { makeTree, OLD, OLD_DATE } from './support.ts'

describe('createPlanner', () => {
  it('refuses a method that it has no answer for', () => {
    const plan = createPlanner()
    expect(() =>
      plan({ method: 'POST', headers: new Headers() }, { path: '/a', size: 1, mtimeMs: 0 }),
    ).toThrow('GET and HEAD only, got POST')
  })

  it('gives the same fields for HEAD, and no content', () => {
    const plan = createPlanner()
    const file = { path: '/a.html', size: 5, mtimeMs: OLD.getTime() }
    const get = plan({ method: 'GET', headers: new Headers() }, file)
    const head = plan({ method: 'HEAD', headers: new Headers() }, file)
    expect(head.headers).toEqual(get.headers)
    expect(get.content).toEqual([{ start: 0, end: 5 }])
    expect(head.content).toEqual([])
  })

  it('names a coding and its own tag', () => {
    const plan = createPlanner()
    const file = { path: '/a.js', size: 5, mtimeMs: OLD.getTime() }
    const plain = new Headers(
      plan({ method: 'GET', headers: new Headers() }, file).headers as [string, string][],
    )
    const coded = new Headers(
      plan({ method: 'GET', headers: new Headers() }, { ...file, coding: 'br' }).headers as [
        string,
        string,
      ][],
    )
    expect([coded.get('content-encoding'), coded.get('content-type')]).toEqual([
      'br',
      plain.get('content-type'),
    ])
    expect(coded.get('etag')).not.toBe(plain.get('etag'))
  })

  it('never names a time in the future (RFC 9110 §8.8.2.1)', () => {
    const { headers } = createPlanner()(
      { method: 'GET', headers: new Headers() },
      { path: '/a', size: 1, mtimeMs: Date.now() + 1e9 },
    )
    const date = headers.find(([name]) => name === 'Last-Modified')?.[1] as string
    expect(Date.parse(date)).toBeLessThanOrEqual(Date.now())
  })

  it('a time set to the beginning of 1970 says nothing: no date, and a tag by the time of the change', () => {
    const file = { path: '/a', size: 1, mtimeMs: 1000 }
    const plan = createPlanner()
    const tagOf = (ctimeMs: number): string | undefined => {
      const { headers } = plan({ method: 'GET', headers: new Headers() }, { ...file, ctimeMs })
      expect(headers.some(([name]) => name === 'Last-Modified')).toBe(false)
      return headers.find(([name]) => name === 'ETag')?.[1]
    }
    expect(tagOf(1e12)).not.toBe(tagOf(1e12 + 1))
  })
})

describe('the examples', () => {
  it('node:http with the planner', async () => {
    const root = makeTree({ 'a.txt': '0123456789', 'dir/x': '' })
    const server = createFileServer(root).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const whole = await fetch(`${url}/a.txt?x`)
    expect([whole.status, await whole.text(), whole.headers.get('content-length')]).toEqual([
      200,
      '0123456789',
      '10',
    ])
    const part = await fetch(`${url}/a.txt`, { headers: { Range: 'bytes=2-4' } })
    expect([part.status, await part.text()]).toEqual([206, '234'])
    const parts = await fetch(`${url}/a.txt`, { headers: { Range: 'bytes=0-0,9-9' } })
    expect([parts.status, (await parts.text()).length]).toEqual([
      206,
      Number(parts.headers.get('content-length')),
    ])
    expect((await fetch(`${url}/a.txt`, { headers: { 'If-Modified-Since': OLD_DATE } })).status).toBe(304)
    expect((await fetch(`${url}/a.txt`, { method: 'HEAD' })).headers.get('content-length')).toBe('10')
    expect((await fetch(`${url}/a.txt`, { method: 'POST' })).status).toBe(405)
    for (const path of ['/no', '/dir', '/..%2fa.txt'])
      expect((await fetch(url + path)).status, path).toBe(404)
  })

  it('a fetch handler with the planner', async () => {
    const bytes = new TextEncoder().encode('0123456789')
    const handle = createFetchHandler(new Map([['/a.txt', { bytes, mtimeMs: OLD.getTime() }]]))
    const whole = handle(new Request('http://x/a.txt'))
    expect([whole.status, await whole.text(), whole.headers.get('cache-control')]).toEqual([
      200,
      '0123456789',
      'max-age=60',
    ])
    const part = handle(new Request('http://x/a.txt', { headers: { Range: 'bytes=-3' } }))
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      '789',
      'bytes 7-9/10',
    ])
    expect(handle(new Request('http://x/a.txt', { headers: { 'If-None-Match': '*' } })).status).toBe(304)
    expect(handle(new Request('http://x/b.txt')).status).toBe(404)
  })
})
