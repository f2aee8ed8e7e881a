import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { StaticOptions } from '../src/index.ts'
import { collect, makeRequest, makeTree } from './support.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README shows the example that runs here', async () => {
  const example = await readFile(new URL('readme-example.ts', import.meta.url), 'utf8')
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``)
})

test('the example serves ./public', async () => {
  const root = makeTree({})
  mkdirSync(join(root, 'public/downloads'), { recursive: true })
  writeFileSync(join(root, 'public/about.html'), 'about')
  writeFileSync(join(root, 'public/404.html'), 'lost')
  writeFileSync(join(root, 'public/downloads/a.zip'), 'zip')
  const before = process.cwd()
  process.chdir(root)
  onTestFinished(() => process.chdir(before))
  const { handler } = await import('./readme-example.ts')
  const get = async (target: string) => collect(await handler(makeRequest('GET', target)))
  expect((await get('/about')).text).toBe('about')
  expect((await get('/about.html')).header('location')).toBe('/about')
  const lost = await get('/nothing')
  expect([lost.status, lost.text]).toEqual([404, 'lost'])
  expect((await get('/downloads/a.zip')).header('content-disposition')).toBe('attachment')
})

test('the README has the part of the node:http example that it shows', async () => {
  const example = (await readFile(new URL('node-http-example.ts', import.meta.url), 'utf8')).replace(
    /^ +/gm,
    '',
  )
  const shown = readme.split('```ts\n')[2]?.split('```')[0]?.replace(/^ +/gm, '')
  expect(example).toContain(shown)
})

test('the README names every option', () => {
  const every: Record<keyof StaticOptions, true> = {
    index: true,
    base: true,
    cleanUrls: true,
    spa: true,
    notFoundPage: true,
    listing: true,
    archives: true,
    dotfiles: true,
    followSymlinks: true,
    precompressed: true,
    cache: true,
    revalidateInterval: true,
    immutable: true,
    cacheControl: true,
    headers: true,
    mediaTypes: true,
  }
  for (const name of Object.keys(every)) expect(readme).toContain(`| \`${name}\` |`)
})
