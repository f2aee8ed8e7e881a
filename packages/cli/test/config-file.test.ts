import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand, tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { commandLine, startTsws } from './tsws.ts'

let site: TempSite
beforeAll(async () => {
  site = await tempSite({
    'home.html': '<p>home',
    'app.4f3a9c1b.js': 'export {}',
    'fonts/a.woff2': 'font',
    'live/now.json': '{}',
    'downloads/a.pdf': 'pdf',
    'page.html': '<p>page',
  })
})
afterAll(() => site.remove())

function config(toml: string): string {
  const path = site.path('../tsws.toml')
  writeFileSync(path, toml)
  return path
}

const SITE = `
root = "site"
index = "home.html"
cleanUrls = true

[securityHeaders]
frameOptions = "DENY"

[[cacheControl]]
path = "/fonts/*"
value = "public, max-age=604800"

[[cacheControl]]
path = "/live/*"
value = false

[[headers]]
path = "/downloads/*"
headers = { Content-Disposition = "attachment" }
`

describe.each([['one thread'], ['two threads']])('a configuration file, on %s', (threads) => {
  test('is what the server does', async () => {
    const words = ['--config', config(SITE.replace('"site"', JSON.stringify(site.root))), '--log', 'off']
    await using server = await startTsws([...words, '--threads', threads === 'one thread' ? '1' : '2'])
    const field = async (path: string, name: string): Promise<string | null> => {
      const response = await fetch(new URL(path, server.ready.url))
      expect(response.status).toBe(200)
      await response.arrayBuffer()
      return response.headers.get(name)
    }
    expect(await field('/', 'cache-control')).toBe('no-cache')
    expect(await field('/page', 'x-frame-options')).toBe('DENY')
    expect(await field('/fonts/a.woff2', 'cache-control')).toBe('public, max-age=604800')
    expect(await field('/live/now.json', 'cache-control')).toBeNull()
    expect(await field('/downloads/a.pdf', 'content-disposition')).toBe('attachment')
    expect(await field('/app.4f3a9c1b.js', 'cache-control')).toContain('immutable')
  })

  test.each([
    ['dotfiles = "show"', `dotfiles must be 'hide' or 'serve', got "show"`],
    ['[cache]\nmaxByte = 1', 'no option cache.maxByte; there are maxBytes, maxEntryBytes, maxEntries'],
    [
      '[[headers]]\npath = "*"\nheaders = { ETag = "x" }',
      'headers[0] cannot set ETag: the file itself decides it',
    ],
    ['[[cacheControl]]\npath = "*"', 'cacheControl[0] must be { path, value }'],
    ['[securityHeaders]\nframe = "DENY"', 'securityHeaders: there is no option "frame"; there are '],
  ])('%j is refused with one line that names file and key', async (toml, message) => {
    const words = [site.root, '--threads', threads === 'one thread' ? '1' : '2', '--port', '0']
    const end = await runCommand(commandLine(...words, '--config', config(toml)))
    expect(end).toMatchObject({ code: 2, stdout: '' })
    expect(end.stderr).toContain(`tsws.toml: ${message}`)
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
