import { renameSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { realPathByName } from '../src/real-path.ts'
import { makeTree, put } from './support.ts'

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
