import { readFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { tempSite } from '@tsws/testing'
import { DEFAULTS } from '../src/index.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README shows the example that runs here, and it does what it says', async () => {
  expect(readme).toContain(await readFile(new URL('./readme-example.ts', import.meta.url), 'utf8'))
  await using site = await tempSite({ 'dist/index.html': '<p>home' })
  const before = process.cwd()
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  process.chdir(site.root)
  try {
    const { server } = await import('./readme-example.ts')
    const url = `http://127.0.0.1:${server.port}/`
    expect(print).toHaveBeenCalledWith(`listening on ${url}`)
    expect(await (await fetch(url)).text()).toBe('<p>home')
    expect(await (await fetch(`${url}hello`)).text()).toBe('Hello, World!')
    await server.close()
  } finally {
    process.chdir(before)
    print.mockRestore()
  }
})

test('the README names every option', () => {
  for (const option of Object.keys(DEFAULTS)) expect(readme).toContain(`| \`${option}\` |`)
})
