import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DEFAULTS } from '../src/index.ts'

test('the example of the README is the one that is run', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = await readFile(new URL('readme-example.ts', import.meta.url), 'utf8')
  const shown = example.slice(example.indexOf('const send ='))
  expect(readme).toContain(shown.trim())
})

test('the README tells the defaults as they are', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const row = (name: string): string =>
    readme.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? ''
  expect(row('threshold')).toContain(`| ${DEFAULTS.threshold} |`)
  expect(row('maxConcurrent')).toContain(`| ${DEFAULTS.maxConcurrent} |`)
  expect(row('cache.maxBytes')).toContain(`| ${(DEFAULTS.cache?.maxBytes ?? 0) / 1024 / 1024} MiB |`)
  expect(row('cache.maxEntryBytes')).toContain(
    `| ${(DEFAULTS.cache?.maxEntryBytes ?? 0) / 1024 / 1024} MiB |`,
  )
  expect(row('cache.maxDiskBytes')).toContain(`| ${(DEFAULTS.cache?.maxDiskBytes ?? 0) / 1024 / 1024} MiB |`)
  for (const [coding, level] of Object.entries(DEFAULTS.levels))
    expect(row('levels')).toContain(`${coding}: ${level}`)
})
