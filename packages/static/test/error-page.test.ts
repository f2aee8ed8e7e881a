import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadErrorPage } from '../src/index.ts'
import { collect, makeTree } from './support.ts'

it('the page is the body of any status, and stays when the file is gone', async () => {
  const page = await loadErrorPage(makeTree({ '50x.html': '<p>Sorry' }), '50x.html')
  const answer = await collect((page as NonNullable<typeof page>)(503))
  expect([answer.status, answer.text]).toEqual([503, '<p>Sorry'])
  expect(answer.header('content-type')).toBe('text/html; charset=utf-8')
  expect(answer.header('cache-control')).toBe('no-store')
})

it('no page is null, not a failure', async () => {
  const root = makeTree({ 'folder/x.txt': 'x' })
  expect(await loadErrorPage(root, '50x.html')).toBeNull()
  expect(await loadErrorPage(root, '/folder')).toBeNull()
})

it('a page too large to keep is refused with its size', async () => {
  const root = makeTree({ '50x.html': Buffer.alloc(1024 * 1024 + 1) })
  await expect(loadErrorPage(root, '50x.html')).rejects.toThrow('1048577 bytes')
})

it('a missing root is refused as by serveStatic', async () => {
  await expect(loadErrorPage(join(makeTree({}), 'no'), '50x.html')).rejects.toThrow(TypeError)
})
