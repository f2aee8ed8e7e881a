import { writeFile } from 'node:fs/promises'
import { tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HAS_CHROMIUM, openTab } from './chromium.ts'
import { startTsws } from './tsws.ts'

// An API that writes down what reached it, and answers PUT, cookies and errors.
const API = `import { HttpError, respond } from '@tsws/http'
const seen = []
export default async (request, next) => {
  if (request.pathname === '/seen') return respond.json(seen)
  seen.push(request.method + ' ' + request.pathname)
  if (request.pathname === '/cookie')
    return respond.text('cookie ' + request.headers.get('cookie'), { headers: { 'Set-Cookie': 'a=1; SameSite=Lax' } })
  if (request.pathname === '/fails') throw new HttpError(418, 'a teapot', { headers: { 'Retry-After': 7 } })
  if (request.method === 'PUT') return respond.text('put ' + await request.text(), { headers: { 'X-Total': 3 } })
  return next(request)
}
`

let site: TempSite
beforeAll(async () => {
  site = await tempSite({ 'index.html': '<!doctype html><title>Page</title>', 'data.txt': 'the data' })
  await writeFile(site.path('../api.mjs'), API)
})
afterAll(() => site.remove())

/** What a script in the page sees of an answer: status and text, or that there was none. */
function fetched(url: string, init = '{}'): string {
  return `fetch('${url}', ${init}).then(async (r) => [r.status, await r.text(), r.headers.get('x-total'), r.headers.get('retry-after')], () => 'refused')`
}

describe.skipIf(!HAS_CHROMIUM)('a page in Chromium', { timeout: 60_000 }, () => {
  test('of another origin reads what --cors shares with everybody: simple, preflighted, errors', async () => {
    await using page = await startTsws([site.root, '--log', 'off'])
    await using api = await startTsws([site.root, '--use', site.path('../api.mjs'), '--cors', '--log', 'off'])
    await using tab = await openTab()
    await tab.open(page.ready.url)
    const { url } = api.ready
    expect(await tab.evaluate(fetched(`${url}data.txt`))).toEqual([200, 'the data', null, null])
    const put = `{ method: 'PUT', body: 'x', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer t' } }`
    expect(await tab.evaluate(fetched(`${url}thing`, put))).toEqual([200, 'put x', null, null])
    expect(await tab.evaluate(fetched(`${url}fails`))).toEqual([418, 'a teapot\n', null, null])
    expect(await tab.evaluate(fetched(`${url}nowhere`))).toEqual([404, 'Not Found\n', null, null])
    // Nobody gets cookies for everybody.
    expect(await tab.evaluate(fetched(`${url}cookie`, `{ credentials: 'include' }`))).toBe('refused')
    const unknownField = `{ headers: { 'X-Unknown': '1' } }`
    expect(await tab.evaluate(fetched(`${url}never`, unknownField))).toBe('refused')
    const seen = (await (await fetch(`${url}seen`)).json()) as string[]
    expect(seen).toEqual(['GET /data.txt', 'PUT /thing', 'GET /fails', 'GET /nowhere', 'GET /cookie'])
  })

  test('that is named sends cookies and reads exposed fields, and one that is not reads nothing', async () => {
    await using page = await startTsws([site.root, '--log', 'off'])
    const config = site.path('../cors.toml')
    await writeFile(
      config,
      `[cors]\norigins = ["http://127.0.0.1:${page.port}"]\ncredentials = true\nexposedHeaders = ["X-Total", "Retry-After"]\n`,
    )
    const more = ['--use', site.path('../api.mjs'), '--config', config, '--log', 'off']
    await using api = await startTsws([site.root, ...more])
    await using other = await startTsws([site.root, '--log', 'off'])
    await using tab = await openTab()
    const { url } = api.ready
    const withCookies = `{ credentials: 'include' }`
    await tab.open(page.ready.url)
    expect(await tab.evaluate(fetched(`${url}cookie`, withCookies))).toEqual([200, 'cookie null', null, null])
    expect(await tab.evaluate(fetched(`${url}cookie`, withCookies))).toEqual([200, 'cookie a=1', null, null])
    expect(
      await tab.evaluate(fetched(`${url}thing`, `{ method: 'PUT', body: 'x', credentials: 'include' }`)),
    ).toEqual([200, 'put x', '3', null])
    expect(await tab.evaluate(fetched(`${url}fails`, withCookies))).toEqual([418, 'a teapot\n', null, '7'])
    await tab.open(other.ready.url)
    expect(await tab.evaluate(fetched(`${url}data.txt`))).toBe('refused')
    expect(await tab.evaluate(fetched(`${url}other`, `{ method: 'PUT', body: 'x' }`))).toBe('refused')
    const seen = (await (await fetch(`${url}seen`)).json()) as string[]
    expect(seen).not.toContain('PUT /other')
  })
})

test('an origin that is none ends the start with a line that says so', async () => {
  const start = startTsws([site.root, '--cors-origin', 'app.example'])
  await expect(start).rejects.toThrow(/"app.example" is no origin; write https:\/\/example.com/)
})
