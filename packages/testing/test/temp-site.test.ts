import { lstat, readFile, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SITE_MTIME, tempSite } from '../src/index.ts'

test('a temporary site holds the files, folders and links it was told to, and goes away', async () => {
  const site = await tempSite({
    'index.html': '<p>hi',
    'deep/er/file.bin': Uint8Array.of(0, 255),
    empty: null,
    link: { symlink: 'index.html' },
    '../outside.txt': 'secret',
  })
  expect(await readFile(site.path('index.html'), 'utf8')).toBe('<p>hi')
  expect([...(await readFile(site.path('deep/er/file.bin')))]).toEqual([0, 255])
  expect((await stat(site.path('empty'))).isDirectory()).toBe(true)
  expect((await lstat(site.path('link'))).isSymbolicLink()).toBe(true)
  expect(await readFile(site.path('../outside.txt'), 'utf8')).toBe('secret')
  expect((await stat(site.path('index.html'))).mtime).toEqual(SITE_MTIME)
  await site.remove()
  await expect(stat(site.path('../outside.txt'))).rejects.toThrow('ENOENT')
})
