import { tempSite } from '@tsws/testing'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { connectRaw } from '@tsws/testing'
import { describe, expect, test } from 'vitest'
import { eventually, startTsws } from './tsws.ts'

const HTML = { Accept: 'text/html' }

async function get(port: number, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: 'manual' })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

describe('the command', () => {
  test('answers pages that are not found with index.html under --spa, and leaves assets not found', async () => {
    await using site = await tempSite({ 'index.html': 'the app' })
    await using tsws = await startTsws([site.root, '--spa', '--log=off'])
    expect(await get(tsws.port, '/deep/link', HTML)).toMatchObject({ status: 200, text: 'the app' })
    expect((await get(tsws.port, '/missing.js', HTML)).status).toBe(404)
    expect((await get(tsws.port, '/deep/link', { Accept: 'application/json' })).status).toBe(404)
  })

  test('serves /about from about.html under --clean-urls, below --base', async () => {
    await using site = await tempSite({ 'about.html': 'about us' })
    await using tsws = await startTsws([site.root, '--clean-urls', '--base', '/app', '--log=off'])
    expect(await get(tsws.port, '/app/about')).toMatchObject({ status: 200, text: 'about us' })
    expect((await get(tsws.port, '/app/about.html')).headers.get('location')).toBe('/app/about')
    expect((await get(tsws.port, '/about')).status).toBe(404)
  })

  test('lists a folder under --listing, and not without', async () => {
    await using site = await tempSite({ 'docs/one.txt': '1' })
    await using open = await startTsws([site.root, '--listing', '--log=off'])
    expect((await get(open.port, '/docs/', HTML)).text).toContain('one.txt')
    await using shut = await startTsws([site.root, '--log=off'])
    expect((await get(shut.port, '/docs/', HTML)).status).toBe(404)
  })

  test('shows the site’s own 404.html and 50x.html, with the security fields, and a plain line to programs', async () => {
    await using site = await tempSite({ '404.html': 'lost', '50x.html': 'we are sorry' })
    const use = site.path('../fail.mjs')
    await writeFile(
      use,
      "export default (request, next) => { if (request.pathname === '/fail') throw new Error('x'); return next(request) }",
    )
    await using tsws = await startTsws([site.root, '--use', use, '--log=off'])
    expect(await get(tsws.port, '/nowhere', HTML)).toMatchObject({ status: 404, text: 'lost' })
    const failed = await get(tsws.port, '/fail', HTML)
    expect(failed).toMatchObject({ status: 500, text: 'we are sorry' })
    expect(failed.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await get(tsws.port, '/fail', { Accept: 'application/json' })).text).toMatch(
      /^Internal Server Error\n/,
    )
  })

  test('shows a changed file within a second, and under --immutable never', async () => {
    await using site = await tempSite({ 'a.txt': 'old' })
    await using fresh = await startTsws([site.root, '--log=off'])
    await using fixed = await startTsws([site.root, '--immutable', '--threads=1', '--log=off'])
    expect((await get(fresh.port, '/a.txt')).text).toBe('old')
    expect((await get(fixed.port, '/a.txt')).text).toBe('old')
    await writeFile(site.path('a.txt'), 'newer')
    await eventually(async () => expect((await get(fresh.port, '/a.txt')).text).toBe('newer'))
    expect((await get(fixed.port, '/a.txt')).text).toBe('old')
  })

  test('compresses, not under --no-compress, and keeps what it compressed in --compress-cache', async () => {
    await using site = await tempSite({ 'long.txt': 'a line of text\n'.repeat(2000) })
    const cache = await mkdtemp(join(tmpdir(), 'tsws-cache-'))
    const ask = async (port: number): Promise<[coding: string | null, text: string]> => {
      using client = await connectRaw(port)
      client.write('GET /long.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n')
      const response = await client.readResponse()
      const coding = response.get('content-encoding')
      return [coding, (coding === 'gzip' ? gunzipSync(response.body) : Buffer.from(response.body)).toString()]
    }
    const text = 'a line of text\n'.repeat(2000)
    await using plain = await startTsws([site.root, '--no-compress', '--log=off'])
    expect(await ask(plain.port)).toEqual([null, text])
    await using caching = await startTsws([site.root, '--compress-cache', cache, '--log=off'])
    expect(await ask(caching.port)).toEqual(['gzip', text])
    await eventually(async () =>
      expect((await readdir(cache, { recursive: true })).length).toBeGreaterThan(0),
    )
    await rm(cache, { recursive: true, force: true })
  })

  test('gives middleware request bodies plain under --decode-requests, and as they were sent without it', async () => {
    await using site = await tempSite({ 'index.html': 'home' })
    const use = site.path('../length.mjs')
    await writeFile(
      use,
      `import { respond } from '@tsws/http'
export default async (request) => respond.text(String((await request.bytes()).length))
`,
    )
    const body = gzipSync('a'.repeat(5000))
    const ask = async (port: number): Promise<string> => {
      using client = await connectRaw(port)
      client.write(
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      client.write(body)
      return (await client.readResponse()).text()
    }
    await using plain = await startTsws([site.root, '--use', use, '--decode-requests', '--log=off'])
    expect(await ask(plain.port)).toBe('5000')
    await using coded = await startTsws([site.root, '--use', use, '--log=off'])
    expect(await ask(coded.port)).toBe(String(body.length))
  })
})
