import { renameSync, statSync, symlinkSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { realPathByName } from '../src/real-path.ts'
import { makeTree, put } from './support.ts'

vi.mock('node:fs/promises', { spy: true })

it('a path through links is resolved', async () => {
  const root = makeTree({ 'folder/a.txt': 'a' })
  symlinkSync('folder', join(root, 'link'))
  const path = join(root, 'link/a.txt')
  expect(await realPathByName(path, statSync(path))).toBe(join(root, 'folder/a.txt'))
})

it('a path that leads to another file by now says nothing about the one that is open', async () => {
  const root = makeTree({ 'a.txt': 'first' })
  const path = join(root, 'a.txt')
  const opened = statSync(path)
  put(root, 'b.txt', 'second')
  renameSync(join(root, 'b.txt'), path)
  expect(await realPathByName(path, opened)).toBeNull()
})

it.each([
  ['the path', 0, 7],
  ['the open file', 7, 0],
])(
  'where a look at %s tells no device, as Node 22.12 does on Windows 11, the file is known',
  async (_, there, here) => {
    const path = join(makeTree({ 'a.txt': 'a' }), 'a.txt')
    const { ino } = statSync(path)
    vi.mocked(stat).mockResolvedValueOnce({ dev: there, ino } as Stats)
    expect(await realPathByName(path, { dev: here, ino })).toBe(path)
  },
)

it('where both devices are told, they must be the same', async () => {
  const path = join(makeTree({ 'a.txt': 'a' }), 'a.txt')
  const { dev, ino } = statSync(path)
  expect(await realPathByName(path, { dev: dev + 1, ino })).toBeNull()
})
