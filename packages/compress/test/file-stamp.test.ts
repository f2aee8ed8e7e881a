import { FileBody } from '@tsws/http'
import { mkdtemp, open, rm, utimes, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStamp } from '../src/file-stamp.ts'
import { memoryFile } from './exchange.ts'

let folder: string
let handle: FileHandle
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsws-stamp-'))
  await writeFile(join(folder, 'file'), 'content')
  handle = await open(join(folder, 'file'))
})
afterEach(async () => {
  await handle.close()
  await rm(folder, { recursive: true })
})

const later = (): number => Date.now() + 10_000

test('the same file has the same stamp, whoever opened it', async () => {
  const stamp = fileStamp(new FileBody(handle, 0, 7), later())
  const again = await open(join(folder, 'file'))
  expect(stamp).toBeTypeOf('string')
  expect(fileStamp(new FileBody(again, 0, 7), later())).toBe(stamp)
  await again.close()
})

test('a file that changed just now has none: its next change could carry the same time', async () => {
  const { ctimeMs } = await handle.stat()
  expect(fileStamp(new FileBody(handle, 0, 7), ctimeMs + 20)).toBeNull()
  expect(fileStamp(new FileBody(handle, 0, 7), ctimeMs + 2200)).toBeTypeOf('string')
})

test('writing changes the stamp, even if size and time of change are set back', async () => {
  const path = join(folder, 'file')
  const { atime, mtime } = await handle.stat()
  const before = fileStamp(new FileBody(handle, 0, 7), later())
  await new Promise((resolve) => setTimeout(resolve, 30))
  await writeFile(path, 'CONTENT')
  await utimes(path, atime, mtime)
  expect(fileStamp(new FileBody(handle, 0, 7), later())).not.toBe(before)
})

test('what is not all of a file of that size, or no file, has none', async () => {
  expect(fileStamp(new FileBody(handle, 1, 6), later())).toBeNull()
  expect(fileStamp(new FileBody(handle, 0, 6), later())).toBeNull()
  expect(fileStamp(new FileBody(memoryFile(Buffer.from('content')), 0, 7), later())).toBeNull()
  const directory = await open(folder)
  const { size } = await directory.stat()
  expect(fileStamp(new FileBody(directory, 0, size), later())).toBeNull()
  await directory.close()
})
